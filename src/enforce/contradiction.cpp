// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "enforce/subject.hpp"

namespace cpg {

namespace {

// What is asked of the proxy for one peer and port.
struct wishes {
    std::set<std::string> parsers;
    std::set<authentication> modes;
    bool server_names = false;
    bool filters = false;
    std::size_t listeners = 0;
};

std::string parser_of(const port_part& part, l4_protocol protocol) {
    if (part.proxy == open_question::listener) return "listener";
    switch (part.requests.kind) {
        case request_kind::dns: return "dns";
        case request_kind::http:
            if (protocol == l4_protocol::tcp) return "http";
            break;
        case request_kind::other:
            if (protocol == l4_protocol::tcp) return "parser " + part.requests.parser;
            break;
        case request_kind::any: break;
    }
    return part.proxy == open_question::tls ? "tls" : "";
}

bool are_at_odds(const wishes& all) {
    std::set<std::string> parsers = all.parsers;
    // TLS interception becomes part of an HTTP parser, and of none for DNS or a listener.
    const bool tls = parsers.erase("tls") > 0;
    return parsers.size() > 1 || (tls && (parsers.contains("dns") || parsers.contains("listener"))) ||
           all.modes.size() > 1 || (all.server_names && all.filters) || all.listeners > 1;
}

class wish_list {
  public:
    void add(const judged_rule& rule) {
        // Rules without anything for a proxy to do contradict nobody.
        if (rule.denies) return;
        if (rule.every_port) add(rule, nullptr, {});
        for (const port_part& part : rule.ports)
            for (const port_entry& entry : part.ports)
                add(rule, &part, entry);
    }

    bool are_at_odds() const {
        return std::ranges::any_of(all_, [](const auto& each) { return cpg::are_at_odds(each.second); });
    }

  private:
    void add(const judged_rule& rule, const port_part* part, const port_entry& entry) {
        if (!part) return add("", rule, nullptr, l4_protocol::none);
        const std::string range =
            entry.name.empty() ? std::to_string(entry.first) + "-" + std::to_string(entry.last) : entry.name;
        for (const l4_protocol protocol : entry.protocols)
            add(std::string(to_string(protocol)) + "/" + range, rule, part, protocol);
    }

    void add(const std::string& port, const judged_rule& rule, const port_part* part, l4_protocol protocol) {
        if (rule.everybody) add_for(port + " ", rule, part, protocol);
        for (const peer_part& peer : rule.peers)
            add_for(port + " " + key_of(peer), rule, part, protocol);
    }

    void add_for(const std::string& key, const judged_rule& rule, const port_part* part, l4_protocol protocol) {
        wishes& wished = all_[key];
        if (rule.authentication != authentication::none) wished.modes.insert(rule.authentication);
        if (!part) return;
        if (const std::string parser = parser_of(*part, protocol); !parser.empty()) wished.parsers.insert(parser);
        wished.server_names = wished.server_names || part->proxy == open_question::tls;
        wished.filters =
            wished.filters || (part->requests.kind != request_kind::any && part->proxy != open_question::tls);
        wished.listeners += part->proxy == open_question::listener ? 1 : 0;
    }

    std::map<std::string, wishes> all_;
};

// Most pods have neither filters nor authentication, and then nothing can be at odds.
bool has_wishes(const judged_rule& rule) {
    return rule.authentication != authentication::none || std::ranges::any_of(rule.ports, [](const port_part& part) {
               return part.requests.kind != request_kind::any || part.proxy != open_question::none;
           });
}

}  // namespace

bool contradict(const std::vector<applying_rule>& rules) {
    wish_list list;
    for (const applying_rule& each : rules)
        if (has_wishes(*each.rule)) list.add(*each.rule);
    return list.are_at_odds();
}

}  // namespace cpg

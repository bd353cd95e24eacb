// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/probes.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "enforce/identity.hpp"

namespace cpg {

namespace {

using shared_end = std::shared_ptr<const connection_end>;

// Pods of a workload differ in little: a few are enough for each selector.
constexpr std::size_t most_seen_of_selector = 3;

struct probe_peer {
    shared_end end;
    std::optional<address> where;
    std::vector<std::string> names;
};

struct probe_port {
    l4_protocol protocol;
    std::uint16_t number;
};

shared_end end_with(const std::vector<std::string>& labels, std::string_view pod_namespace) {
    const std::vector<std::string_view> views(labels.begin(), labels.end());
    const label_set read = read_labels(views);
    connection_end out{.labels = labels,
                       .pod_namespace = {},
                       .cluster = read.cluster,
                       .name = read.workload,
                       .reserved = read.reserved};
    if (read.reserved == reserved_identity::none)
        out.pod_namespace = read.pod_namespace.empty() ? pod_namespace : read.pod_namespace;
    std::ranges::sort(out.labels);
    return std::make_shared<const connection_end>(std::move(out));
}

// A pod that meets the selector, as far as labels can be made up for it.
shared_end end_for(const label_selector& selector, std::string_view pod_namespace) {
    std::vector<std::string> labels;
    for (const label_requirement& each : selector.requirements()) {
        const bool wants = each.how == label_requirement::test::in || each.how == label_requirement::test::exists;
        if (!wants || (!each.values.empty() && each.values[0] == own_cluster)) continue;
        const std::string source = each.key.source == "any" ? "k8s" : each.key.source;
        std::string value = each.values.empty() ? "" : each.values[0];
        if (each.key.key == namespace_label && value.empty()) value = pod_namespace;
        labels.push_back(source + ":" + each.key.key + (value.empty() ? "" : "=" + value));
    }
    return end_with(labels, pod_namespace);
}

shared_end world(bool v6) {
    return end_with({v6 ? "reserved:world-ipv6" : "reserved:world-ipv4"}, {});
}

class probing {
  public:
    explicit probing(std::span<const seen_connection> seen) {
        std::set<const connection_end*> known;
        for (const seen_connection& each : seen)
            for (const shared_end& end : {each.connection.subject, each.connection.peer})
                if (known.insert(end.get()).second && end->reserved == reserved_identity::none) pods_.push_back(end);
    }

    void add(const judged_policy& policy) {
        if (policy.is_refused()) return;
        for (const judged_rule& rule : policy.rules) {
            if (rule.denies || policy.selects_nodes[rule.selector]) continue;
            for (const shared_end& subject : ends_of(policy.selectors[rule.selector], policy.pod_namespace))
                add(policy, rule, subject);
        }
    }

    probes take() {
        std::ranges::sort(out_, {}, &seen_connection::connection);
        std::vector<seen_connection> distinct;
        for (seen_connection& each : out_)
            if (distinct.empty() || !(distinct.back().connection == each.connection))
                distinct.push_back(std::move(each));
        return {.all = std::move(distinct), .complete = complete_};
    }

  private:
    std::vector<shared_end> ends_of(const label_selector& selector, std::string_view pod_namespace) const {
        std::vector<shared_end> out;
        for (const shared_end& each : pods_) {
            if (out.size() == most_seen_of_selector) break;
            if (selector.matches(identity(*each, each->cluster)).is == known::yes) out.push_back(each);
        }
        if (out.empty()) out.push_back(end_for(selector, pod_namespace.empty() ? "default" : pod_namespace));
        return out;
    }

    void add(const judged_policy& policy, const judged_rule& rule, const shared_end& subject) {
        const auto ports = ports_of(rule);
        for (const probe_peer& peer : peers_of(policy, rule, *subject)) {
            complete_ = complete_ && out_.size() + ports.size() <= limits::connections;
            if (!complete_) return;
            for (const probe_port& port : ports)
                out_.push_back({.connection = {.direction = rule.direction,
                                               .subject = subject,
                                               .peer = peer.end,
                                               .address = peer.where,
                                               .protocol = port.protocol,
                                               .port = port.number,
                                               .request = {}},
                                .names = peer.names});
        }
    }

    std::vector<probe_peer> peers_of(const judged_policy& policy, const judged_rule& rule,
                                     const connection_end& subject) const {
        std::vector<probe_peer> out;
        const std::string& pod_namespace = policy.pod_namespace.empty() ? subject.pod_namespace : policy.pod_namespace;
        if (rule.everybody) add_selected({}, pod_namespace, out);
        for (const peer_part& part : rule.peers)
            add_peer(part, pod_namespace, out);
        return out;
    }

    void add_peer(const peer_part& part, const std::string& pod_namespace, std::vector<probe_peer>& out) const {
        if (const auto* const selector = std::get_if<label_selector>(&part.who)) {
            add_selected(*selector, pod_namespace, out);
        } else if (const auto* const prefix = std::get_if<prefix_peer>(&part.who)) {
            out.push_back({.end = world(prefix->prefix.address.v6), .where = prefix->prefix.address, .names = {}});
        } else if (const auto* const name = std::get_if<name_pattern>(&part.who)) {
            out.push_back(named(name->text()));
        }
    }

    void add_selected(const label_selector& selector, const std::string& pod_namespace,
                      std::vector<probe_peer>& out) const {
        // Everybody: somebody outside, and a pod.
        if (selector.is_wildcard())
            out.push_back({.end = world(false), .where = parse_address("192.0.2.1"), .names = {}});
        if (selector.has_source("reserved")) {
            const shared_end end = end_for(selector, {});
            const bool outside = end->reserved == reserved_identity::world;
            out.push_back({.end = end, .where = outside ? parse_address("192.0.2.1") : std::nullopt, .names = {}});
            return;
        }
        for (const shared_end& each : ends_of(selector, pod_namespace))
            out.push_back({.end = each, .where = std::nullopt, .names = {}});
    }

    // An address that is for examples (RFC 5737), with the name that it is known by.
    static probe_peer named(const std::string& pattern) {
        connection_end end = *world(false);
        end.name = pattern;
        std::string example = lower(pattern.ends_with('.') ? pattern.substr(0, pattern.size() - 1) : pattern);
        std::ranges::replace(example, '*', 'x');
        return {.end = std::make_shared<const connection_end>(std::move(end)),
                .where = parse_address("192.0.2.1"),
                .names = {example}};
    }

    static std::vector<probe_port> ports_of(const judged_rule& rule) {
        std::vector<probe_port> out;
        if (rule.every_port && !rule.everybody)
            out = {{l4_protocol::tcp, 443}, {l4_protocol::udp, 443}, {l4_protocol::icmpv4, 8}};
        for (const port_part& part : rule.ports)
            for (const port_entry& entry : part.ports)
                add_port(entry, out);
        return out;
    }

    static void add_port(const port_entry& entry, std::vector<probe_port>& out) {
        if (!entry.name.empty()) return;
        for (const l4_protocol protocol : entry.protocols) {
            const bool icmp = protocol == l4_protocol::icmpv4 || protocol == l4_protocol::icmpv6;
            const std::uint16_t usual = protocol == l4_protocol::icmpv6 ? 128 : icmp ? 8 : 443;
            out.push_back({protocol, entry.all ? usual : std::max<std::uint16_t>(entry.first, 1)});
            if (!entry.all && entry.last > entry.first) out.push_back({protocol, entry.last});
        }
    }

    std::vector<shared_end> pods_;
    std::vector<seen_connection> out_;
    bool complete_ = true;
};

}  // namespace

probes probes_of(const policy_set& policies, std::span<const seen_connection> seen) {
    probing out(seen);
    for (const judged_policy& each : policies.all())
        out.add(each);
    return out.take();
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/policy_check.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "flow/labels.hpp"
#include "policy/build.hpp"
#include "policy/document.hpp"
#include "policy/existing_rule.hpp"
#include "policy/rule_list.hpp"
#include "policy/rule_tree.hpp"
#include "report/rule_filter.hpp"
#include "report/rule_reach.hpp"

namespace cpg {

namespace {

constexpr std::array directions = {direction::ingress, direction::egress};

// One spec of the file.
struct part {
    std::string selects;  ///< its endpointSelector
    std::array<rule_list, 2> lists;

    const rule_list& list_of(direction direction) const { return lists[direction == direction::ingress ? 0 : 1]; }
};

std::vector<part> parts_of(const std::vector<tree>& policies, std::string_view pod_namespace) {
    std::vector<part> out;
    const auto add = [&](const tree& spec) {
        const tree* const selector = spec.find("endpointSelector");
        const std::array specs = {&spec};
        out.push_back({selector ? canonical(*selector) : std::string(),
                       {rule_list(specs, direction::ingress, pod_namespace),
                        rule_list(specs, direction::egress, pod_namespace)}});
    };
    for (const tree& each : policies) {
        const policy_document document(each);
        for (const tree* const spec : document.specs())
            add(*spec);
    }
    return out;
}

// The likely answer without a look at every rule: a rule that is there as cpg wrote it.
bool has_as_written(const part& part, const rule_key& key) {
    const peer_rules& rules = part.list_of(key.direction).of(key.peer);
    if (is_icmp(key))
        return rules.opens(
            icmp{.v6 = key.protocol == l4_protocol::icmpv6, .type = static_cast<std::uint8_t>(key.port)});
    const port on = {.number = key.port, .protocol = key.protocol};
    return key.l7.kind == l7_kind::none ? rules.lets_through(on) : rules.allows(on, key.l7);
}

bool has(const part& part, const rule_key& key, std::string_view pod_namespace) {
    if (has_as_written(part, key)) return true;
    const known_peer who(key.peer, pod_namespace);
    return std::ranges::any_of(part.list_of(key.direction).all(),
                               [&](const file_rule& rule) { return lets_in(rule, key) && reaches(*rule.node, who); });
}

bool is_plain_port(const tree& entry) {
    return entry.members.size() == 2 && read_port(entry);
}

bool is_plain_request(const tree& entry) {
    return entry.members.size() == 2 && entry.find("method") && entry.find("path");
}

bool is_plain_name(const tree& entry) {
    return entry.members.size() == 1 && (entry.find("matchName") || entry.text_of("matchPattern") == "*" ||
                                         is_domain_pattern(entry.text_of("matchPattern")));
}

bool is_as_cpg_writes(const tree& entry) {
    if (!std::ranges::all_of(items_of(entry.find("ports")), is_plain_port)) return false;
    const port_rule said(entry);
    switch (said.what) {
        case port_rule::kind::plain: return true;
        case port_rule::kind::http: return std::ranges::all_of(said.matches()->items, is_plain_request);
        case port_rule::kind::dns: return std::ranges::all_of(said.matches()->items, is_plain_name);
        case port_rule::kind::other: return false;
    }
    return false;
}

void clean(peer& peer, std::string_view pod_namespace) {
    selector labels = peer.labels;
    for (auto& [key, value] : labels)
        key = std::string(without_source(key));
    std::erase(labels, std::pair(std::string(namespace_label), std::string(pod_namespace)));
    std::ranges::sort(labels);
    peer.labels = std::move(labels);
}

// Nothing when keys can't say all of the rule.
std::optional<rule> read_whole(const tree& item, std::string_view pod_namespace) {
    std::optional<peer> who = read_peer(item);
    if (!who || (!item.find("toPorts") && !item.find("icmps"))) return std::nullopt;
    if (!std::ranges::all_of(items_of(item.find("toPorts")), is_as_cpg_writes)) return std::nullopt;
    rule out = read_rule(item, *who);
    clean(out.peer, pod_namespace);
    return out;
}

bool has_dns_rules(const rule& rule, std::uint16_t number) {
    return std::ranges::any_of(rule.l7_ports, [&](const l7_port& each) {
        const bool dns = each.any_dns || (!each.matches.empty() && each.matches.begin()->kind == l7_kind::dns);
        return dns && std::ranges::any_of(each.ports, [&](const port& on) { return on.number == number; });
    });
}

std::vector<rule_key> keys_of_rule(direction direction, const rule& rule) {
    policy one;
    (direction == direction::ingress ? one.ingress : one.egress).push_back(rule);
    std::vector<rule_key> keys = keys_of(one);
    // Queries are opened for both protocols at once, and are one rule to a reader.
    std::erase_if(keys, [&](const rule_key& each) {
        rule_key other = each;
        other.protocol = l4_protocol::udp;
        return each.protocol == l4_protocol::tcp && has_dns_rules(rule, each.port) &&
               std::ranges::find(keys, other) != keys.end();
    });
    return keys;
}

// The evidence by what it is for.
class proofs {
  public:
    proofs(const evidence_document& evidence) : pod_namespace_(evidence.pod_namespace) {
        for (const auto& [key, rule] : evidence.rules) {
            keys_.insert(key);
            all_.push_back({&rule.what, known_peer(rule.what.peer, pod_namespace_)});
        }
        for (const proof& each : all_)
            by_port_[{each.key->direction, each.key->protocol, each.key->port}].push_back(&each);
    }

    bool are_for(const rule_key& key, bool dns) const {
        if (keys_.contains(to_string(key))) return true;
        if (!dns) return are_for(key, key.protocol, dns);
        return are_for(key, l4_protocol::udp, dns) || are_for(key, l4_protocol::tcp, dns);
    }

    bool are_for(const file_rule& rule, direction direction) const {
        return std::ranges::any_of(all_, [&](const proof& each) {
            return each.key->direction == direction && lets_in(rule, *each.key) && reaches(*rule.node, each.who);
        });
    }

  private:
    struct proof {
        const rule_key* key;
        known_peer who;
    };

    bool are_for(const rule_key& key, l4_protocol protocol, bool dns) const {
        const auto found = by_port_.find({key.direction, protocol, key.port});
        if (found == by_port_.end()) return false;
        const tree who = tree::map({l3_member(key.direction, key.peer)});
        return std::ranges::any_of(found->second, [&](const proof* each) {
            // All names may be asked for: any query is evidence of it.
            if (dns && key.l7.kind == l7_kind::none && each->key->l7.kind == l7_kind::dns) return true;
            return may_match(key.l7, each->key->l7) && reaches(who, each->who);
        });
    }

    std::string pod_namespace_;
    std::set<std::string_view> keys_;  ///< the likely answer without a search
    std::vector<proof> all_;
    std::map<std::tuple<direction, l4_protocol, std::uint16_t>, std::vector<const proof*>> by_port_;
};

void add_unproven(std::vector<unproven_rule>& out, const file_rule& rule_of_file, std::size_t line, direction direction,
                  const proofs& proofs, std::string_view pod_namespace) {
    const tree& item = *rule_of_file.node;
    // `{}` allows nothing.
    if (item.members.empty()) return;
    const std::optional<rule> whole = read_whole(item, pod_namespace);
    if (!whole) {
        if (!proofs.are_for(rule_of_file, direction)) out.push_back({direction, std::nullopt, line});
        return;
    }
    for (rule_key& key : keys_of_rule(direction, *whole))
        if (!proofs.are_for(key, has_dns_rules(*whole, key.port))) out.push_back({direction, std::move(key), line});
}

// Those that select what a spec with evidence selects.
std::set<std::string> selectors_with_evidence(const std::vector<part>& parts, const evidence_document& evidence) {
    std::set<std::string> out;
    for (const part& each : parts)
        if (std::ranges::any_of(evidence.rules,
                                [&](const auto& rule) { return has(each, rule.second.what, evidence.pod_namespace); }))
            out.insert(each.selects);
    return out;
}

}  // namespace

policy_check check_policy(const yaml_file& policies, const evidence_document& evidence) {
    policy_check out{.known = !policies.documents.empty(), .gone = {}, .unproven = {}};
    if (!out.known) return out;
    const std::vector<part> parts = parts_of(policies.documents, evidence.pod_namespace);
    for (const auto& [key, rule] : evidence.rules)
        if (std::ranges::none_of(
                parts, [&, &what = rule.what](const part& each) { return has(each, what, evidence.pod_namespace); }))
            out.gone.insert(key);
    const std::set<std::string> own = selectors_with_evidence(parts, evidence);
    const proofs proofs(evidence);
    for (const part& each : parts) {
        if (!own.empty() && !own.contains(each.selects)) continue;
        for (const direction direction : directions)
            for (const file_rule& rule : each.list_of(direction).all())
                add_unproven(out.unproven, rule, policies.places.of(*rule.node).line + std::size_t{1}, direction,
                             proofs, evidence.pod_namespace);
    }
    return out;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge_rules.hpp"

#include <algorithm>
#include <utility>

#include "policy/existing_rule.hpp"
#include "policy/rule_tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

bool is_filled_list(const tree* tree) {
    return tree && tree->is_sequence() && !tree->items.empty();
}

bool has_l3_list(const tree& rule, peer_kind kind) {
    const auto peer = read_peer(rule);
    return peer && peer->kind == kind;
}

template <class Value>
void insert_all(std::set<Value>& to, const std::set<Value>& from) {
    to.insert(from.begin(), from.end());
}

// What a rule says when both have been put into it.
rule united(rule a, const rule& b) {
    insert_all(a.ports, b.ports);
    insert_all(a.icmps, b.icmps);
    for (const l7_port& each : b.l7_ports) {
        const auto found = std::ranges::find(a.l7_ports, each.ports, &l7_port::ports);
        if (found == a.l7_ports.end()) {
            a.l7_ports.push_back(each);
            continue;
        }
        insert_all(found->matches, each.matches);
        found->any_dns |= each.any_dns;
    }
    std::ranges::sort(a.l7_ports, {}, &l7_port::ports);
    return a;
}

// The companion rule of a DNS server outside the cluster: names are added to it as to that of any other.
bool is_address_of_server(const rule& rule) {
    return rule.peer.kind == peer_kind::cidr && std::ranges::any_of(rule.l7_ports, [](const l7_port& each) {
               return each.any_dns || (!each.matches.empty() && each.matches.begin()->kind == l7_kind::dns);
           });
}

rule only_peer(const peer& peer) {
    return {.peer = peer};
}

bool same_content(const rule& a, const rule& b) {
    return a.ports == b.ports && a.icmps == b.icmps && a.l7_ports == b.l7_ports;
}

}  // namespace

rule_merge::rule_merge(yaml_editor& editor, const tree& spec, std::span<const tree* const> specs, direction direction,
                       const policy& wanted, bool managed, std::vector<std::string>& warnings)
    : editor_(editor),
      spec_(spec),
      direction_(direction),
      managed_(managed),
      warnings_(warnings),
      list_(spec.find(to_string(direction))),
      rules_(specs, direction, wanted.pod_namespace, wanted.names.server_labels) {
    if (list_ && !list_->is_sequence() && !list_->is_null())
        throw yaml_error("'" + std::string(to_string(direction)) + "' is not a list");
}

void rule_merge::add(const std::vector<rule>& wanted) {
    for (const rule& each : wanted) {
        if (each.peer.names.empty() || is_address_of_server(each))
            add_to_peer(each);
        else
            add_each(each);
    }
    if (!new_rules_.empty()) write_new_rules();
    write_comments();
}

std::set<port> rule_merge::lacking_ports(const rule& wanted) const {
    const peer_rules& there = rules_.of(wanted.peer);
    std::set<port> out;
    for (const port& each : wanted.ports)
        if (!there.lets_through(each)) out.insert(each);
    return out;
}

void rule_merge::add_to_peer(const rule& wanted) {
    std::set<port> ports = lacking_ports(wanted);
    std::erase_if(ports, [&](const port& each) { return add_under_filter(wanted.peer, each); });
    std::set<icmp> icmps;
    for (const icmp& each : wanted.icmps)
        if (!rules_.of(wanted.peer).opens(each)) icmps.insert(each);
    if (!ports.empty()) add_ports(wanted.peer, std::move(ports));
    for (const l7_port& each : wanted.l7_ports) {
        if (each.any_dns || each.matches.begin()->kind == l7_kind::dns)
            add_queries(wanted.peer, each);
        else
            add_requests(wanted.peer, each);
    }
    if (!icmps.empty()) add_icmps(wanted.peer, icmps);
}

// Addresses or names: those that lack the same are added together. One that has a rule of its own is added to there,
// and so is one whose ports are exactly those of a rule for its kind.
void rule_merge::add_each(const rule& wanted) {
    std::vector<rule> shared;
    for (rule& one : one_rule_a_peer(wanted)) {
        const rule all = one;
        one.ports = lacking_ports(one);
        std::erase_if(one.icmps, [&](const icmp& each) { return rules_.of(one.peer).opens(each); });
        add_requests_of_one(one);
        if (one.ports.empty() && one.icmps.empty() && one.l7_ports.empty()) continue;
        if (!one.ports.empty() && find_rule(one.peer, "toPorts")) {
            add_ports(one.peer, std::exchange(one.ports, {}));
            continue;
        }
        const auto same = std::ranges::find_if(shared, [&](const rule& each) {
            return same_content(each, one) || (!one.l7_ports.empty() && !each.l7_ports.empty());
        });
        if (same == shared.end()) {
            shared.push_back(one);
            continue;
        }
        same->peer.names.push_back(one.peer.names.front());
        *same = united(std::move(*same), one);
    }
    for (const rule& each : shared) {
        const tree* const target =
            each.ports == wanted.ports && each.l7_ports.empty() ? find_shared_rule(each.peer, each.ports) : nullptr;
        if (target)
            extend_shared(*target, each);
        else
            add_rule(each);
    }
}

// The rule of exactly this peer that has the member, to be extended; null when a new rule is due.
const file_rule* rule_merge::find_rule(const peer& peer, std::string_view member) const {
    const peer_rules::rules& rules = rules_.of(peer).exactly();
    const auto found =
        std::ranges::find_if(rules, [&](const file_rule* rule) { return is_filled_list(rule->node->find(member)); });
    return found == rules.end() ? nullptr : *found;
}

// A rule for names with exactly these ports, which may take further names. Addresses that a person has listed stay
// among themselves.
const tree* rule_merge::find_shared_rule(const peer& peer, const std::set<port>& ports) const {
    if (!list_ || ports.empty() || peer.kind != peer_kind::fqdn) return nullptr;
    const std::string plain_ports = canonical(tree::list(port_rules(ports)));
    const auto found = std::ranges::find_if(list_->items, [&](const tree& rule) {
        const tree* const to_ports = rule.find("toPorts");
        return rule.members.size() == 2 && to_ports && has_l3_list(rule, peer.kind) &&
               canonical(*to_ports) == plain_ports;
    });
    return found == list_->items.end() ? nullptr : &*found;
}

void rule_merge::extend_shared(const tree& target, const rule& lacking) {
    const tree& names = *target.find("toFQDNs");
    for (const std::string& name : lacking.peer.names)
        editor_.insert_item(names, names.items.size(), {tree::map({{"matchName", name}})});
    touch(target, lacking.peer);
}

void rule_merge::add_ports(const peer& peer, std::set<port> lacking) {
    if (const file_rule* const target = find_rule(peer, "toPorts")) {
        touch(*target->node, peer);
        return extend_ports(editor_, *target->node, lacking);
    }
    rule added = only_peer(peer);
    added.ports = std::move(lacking);
    add_rule(added);
}

// The other protocol of a port with a DNS filter gets the filter, too: a plain port beside it would be a way round.
bool rule_merge::add_under_filter(const peer& peer, const port& port) {
    for (const file_rule* const rule : rules_.of(peer).exactly())
        if (const port_rule* const entry = find_dns_entry(*rule, port.number)) {
            touch(*rule->node, peer);
            add_filtered_port(editor_, *entry, port);
            return true;
        }
    return false;
}

void rule_merge::add_icmps(const peer& peer, const std::set<icmp>& lacking) {
    if (const file_rule* const target = find_rule(peer, "icmps")) {
        touch(*target->node, peer);
        return extend_icmps(editor_, *target->node, lacking);
    }
    rule added = only_peer(peer);
    added.icmps = lacking;
    add_rule(added);
}

bool rule_merge::is_of_own_list(const tree* rule) const {
    return list_ && std::ranges::any_of(list_->items, [&](const tree& each) { return &each == rule; });
}

void rule_merge::touch(const tree& target, const peer& peer) {
    touched_.try_emplace(&target, peer);
}

// A rule may be extended more than once; its comment is written once, at the end.
void rule_merge::write_comments() {
    for (const auto& [target, peer] : touched_) {
        rule before = read_rule(*target, peer);
        rule after = read_rule(editor_.edited(*target), peer);
        for (const told_by by : {told_by::workload, told_by::its_namespace, told_by::its_cluster, told_by::nobody}) {
            before.server_told_by = after.server_told_by = by;
            editor_.replace_comment(*target, comment_of(direction_, before), comment_of(direction_, after));
        }
    }
}

void rule_merge::add_rule(const rule& added) {
    const auto [found, is_new] = new_rule_of_.try_emplace(added.peer, new_rules_.size());
    if (is_new || (!added.peer.names.empty() && !is_address_of_server(added))) {
        new_rules_.push_back(added);
        return;
    }
    rule& same_peer = new_rules_[found->second];
    same_peer = united(std::move(same_peer), added);
}

void rule_merge::write_new_rules() {
    std::vector<printed_item> items;
    for (const rule& each : new_rules_)
        for (printed_item& item : rule_trees(direction_, each))
            items.push_back(std::move(item));
    const std::string key(to_string(direction_));
    if (!list_) return editor_.add_member(spec_, key, std::move(items));
    if (list_->items.empty()) return editor_.fill_member(spec_, key, std::move(items));
    for (printed_item& item : items)
        editor_.insert_item(*list_, list_->items.size(), std::move(item));
}

}  // namespace cpg

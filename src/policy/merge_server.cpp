// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge_server.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "policy/existing_rule.hpp"
#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

bool is_for_queries(const l7_port& each) {
    return !each.any_dns && !each.matches.empty() && each.matches.begin()->kind == l7_kind::dns;
}

bool is_companion(const rule& rule) {
    return rule.peer.kind != peer_kind::fqdn && std::ranges::any_of(rule.l7_ports, is_for_queries);
}

// As cpg printed it for a server that was told worse than by `by`; nothing for any other rule.
std::optional<rule> read_assumed(const yaml_editor& editor, const tree& list, std::size_t index, told_by by) {
    const auto peer = read_peer(list.items[index]);
    if (!peer) return std::nullopt;
    rule out = read_rule(list.items[index], *peer);
    if (!is_companion(out)) return std::nullopt;
    for (const told_by known : {told_by::its_namespace, told_by::its_cluster, told_by::nobody}) {
        out.server_told_by = known;
        const std::vector<printed_item> printed = rule_trees(direction::egress, out);
        if (known > by && printed.size() == 1 && editor.is_printed(list, index, printed[0])) return out;
    }
    return std::nullopt;
}

void add_names(rule& to, const rule& from) {
    for (l7_port& each : to.l7_ports)
        for (const l7_port& known : from.l7_ports)
            if (is_for_queries(each) && is_for_queries(known))
                each.matches.insert(known.matches.begin(), known.matches.end());
}

bool has_rule_of(const tree& list, const peer& peer) {
    const std::string wanted = canonical(l3_member(direction::egress, peer).second);
    return std::ranges::any_of(list.items, [&](const tree& rule) {
        return std::ranges::any_of(rule.members,
                                   [&](const tree::member& each) { return canonical(each.second) == wanted; });
    });
}

}  // namespace

void replace_assumed_server(yaml_editor& editor, const tree& spec, policy& wanted) {
    const tree* const list = spec.find("egress");
    if (!list || std::ranges::none_of(wanted.egress, is_companion)) return;
    for (std::size_t index = 0; index < list->items.size(); ++index) {
        const auto assumed = read_assumed(editor, *list, index, wanted.names.by);
        if (!assumed || wanted.names.servers.contains({assumed->peer, assumed->l7_ports[0].ports.begin()->number}))
            continue;
        for (rule& each : wanted.egress)
            if (is_companion(each)) add_names(each, *assumed);
        const auto told = std::ranges::find_if(
            wanted.egress, [&](const rule& each) { return is_companion(each) && !has_rule_of(*list, each.peer); });
        if (told == wanted.egress.end()) continue;
        const std::vector<printed_item> items = rule_trees(direction::egress, *told);
        if (items.size() != 1) continue;
        editor.replace_printed(*list, index, rule_trees(direction::egress, *assumed)[0], items[0]);
        wanted.egress.erase(told);
        return;
    }
}

}  // namespace cpg

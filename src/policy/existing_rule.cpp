// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/existing_rule.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

// Where an entry belongs in a sorted list; behind the last where the list is not sorted or has entries of other forms.
template <class Entry, class Read>
std::size_t place_in(const tree& list, const Entry& entry, Read read) {
    std::vector<Entry> values;
    for (const tree& item : list.items) {
        const auto value = read(item);
        if (!value) return list.items.size();
        values.push_back(*value);
    }
    if (!std::ranges::is_sorted(values)) return list.items.size();
    return static_cast<std::size_t>(std::ranges::lower_bound(values, entry) - values.begin());
}

// One selector by matchLabels alone.
std::optional<peer> read_endpoint(const tree& list) {
    if (list.items.size() != 1 || list.items[0].members.size() != 1) return std::nullopt;
    const tree* const labels = list.items[0].find("matchLabels");
    if (!labels) return std::nullopt;
    selector read;
    for (const auto& [key, value] : labels->members)
        read.emplace_back(key, value.scalar);
    return peer::endpoint(std::move(read));
}

peer read_texts(peer_kind kind, const tree& list) {
    peer out{.kind = kind};
    for (const tree& entry : list.items)
        out.names.emplace_back(kind == peer_kind::fqdn ? entry.text_of("matchName") : std::string_view(entry.scalar));
    return out;
}

std::optional<peer> read_entity(const tree& list) {
    if (list.items.size() != 1) return std::nullopt;
    return peer::entity(list.items[0].scalar);
}

void read_l7(std::vector<l7_port>& out, const port_rule& entry) {
    const std::set<port> ports = entry.ports.listed();
    auto target = std::ranges::find(out, ports, &l7_port::ports);
    if (target == out.end()) target = out.insert(out.end(), {.ports = ports, .matches = {}, .any_dns = false});
    target->any_dns |= entry.every_name;
    target->matches.merge(entry.requests());
}

bool lists_exactly(const port_rule& entry, const std::set<port>& ports) {
    return entry.ports.listed() == ports && items_of(entry.entry->find("ports")).size() == ports.size();
}

bool has_room(const tree* list, std::size_t wanted) {
    return list && list->is_sequence() && !list->items.empty() && list->items.size() + wanted <= most_list_entries;
}

// `lists` is toPorts or icmps, `name` the member of its entries that holds the list.
template <class Entry, class Read, class MakeTree>
void extend(yaml_editor& editor, const tree& lists, const char* name, const std::set<Entry>& entries, Read read,
            MakeTree make_tree, std::vector<tree> as_new_lists) {
    const auto target = std::ranges::find_if(lists.items, [&](const tree& candidate) {
        return candidate.members.size() == 1 && has_room(candidate.find(name), entries.size());
    });
    if (target == lists.items.end()) {
        for (tree& list : as_new_lists)
            editor.insert_item(lists, lists.items.size(), {std::move(list)});
        return;
    }
    const tree& list = *target->find(name);
    for (const Entry& entry : entries)
        editor.insert_item(list, place_in(list, entry, read), {make_tree(entry)});
}

}  // namespace

std::optional<peer> read_peer(const tree& rule) {
    std::optional<peer> out;
    for (const auto& [name, value] : rule.members) {
        if (name == "toPorts" || name == "icmps") continue;
        if (out) return std::nullopt;
        if (name.ends_with("Endpoints")) out = read_endpoint(value);
        if (name.ends_with("Entities")) out = read_entity(value);
        if (name.ends_with("CIDR")) out = read_texts(peer_kind::cidr, value);
        if (name == "toFQDNs") out = read_texts(peer_kind::fqdn, value);
        if (!out || (out->labels.empty() && out->name.empty() && out->names.empty())) return std::nullopt;
    }
    return out;
}

rule read_rule(const tree& node, const peer& peer) {
    rule out{.peer = peer, .ports = {}, .l7_ports = {}, .icmps = {}};
    if (!peer.names.empty())
        if (const auto found = read_peer(node)) out.peer.names = found->names;
    file_rule said(node);
    for (const port_rule& each : said.ports) {
        if (each.matches()) read_l7(out.l7_ports, each);
        if (each.what != port_rule::kind::plain) continue;
        out.ports.merge(each.ports.listed());
        out.port_ranges |= each.ports.has_ranges();
    }
    out.icmps = std::move(said.icmps);
    return out;
}

const port_rule* find_l7_entry(const file_rule& rule, const std::set<port>& ports, l7_kind kind, std::size_t count) {
    const auto wanted = kind == l7_kind::http ? port_rule::kind::http : port_rule::kind::dns;
    const auto found = std::ranges::find_if(rule.ports, [&](const port_rule& each) {
        return each.what == wanted && lists_exactly(each, ports) && has_room(each.matches(), count);
    });
    return found == rule.ports.end() ? nullptr : &*found;
}

const port_rule* find_dns_entry(const file_rule& rule, std::uint16_t number) {
    const auto found = std::ranges::find_if(rule.ports, [&](const port_rule& each) {
        return each.what == port_rule::kind::dns && has_room(each.entry->find("ports"), 1) &&
               each.ports.lists_number(number) &&
               !each.ports.contains({.number = number, .protocol = l4_protocol::sctp});
    });
    return found == rule.ports.end() ? nullptr : &*found;
}

void extend_l7(yaml_editor& editor, const port_rule& entry, const std::set<l7_match>& matches) {
    const tree& list = *entry.matches();
    std::set<std::string> there;
    for (const tree& each : list.items)
        there.insert(canonical(each));
    for (const l7_match& match : matches)
        if (tree item = match_tree(match); there.insert(canonical(item)).second)
            editor.insert_item(list, list.items.size(), {std::move(item)});
}

void add_filtered_port(yaml_editor& editor, const port_rule& entry, const port& port) {
    const tree& list = *entry.entry->find("ports");
    editor.insert_item(list, place_in(list, port, read_port), {port_tree(port)});
}

void extend_ports(yaml_editor& editor, const tree& rule, const std::set<port>& ports) {
    extend(editor, *rule.find("toPorts"), "ports", ports, read_port, port_tree, port_rules(ports));
}

void extend_icmps(yaml_editor& editor, const tree& rule, const std::set<icmp>& icmps) {
    extend(editor, *rule.find("icmps"), "fields", icmps, read_icmp, icmp_tree, icmp_rules(icmps));
}

}  // namespace cpg

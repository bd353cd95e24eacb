// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/existing_rule.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "policy/covers.hpp"
#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

std::optional<port> read_port(const tree& entry) {
    const auto number = parse_unsigned(entry.text_of("port"));
    if (!number || *number == 0 || *number > 65535) return std::nullopt;
    for (const l4_protocol protocol : {l4_protocol::tcp, l4_protocol::udp, l4_protocol::sctp})
        if (entry.text_of("protocol") == to_string(protocol))
            return port{.number = static_cast<std::uint16_t>(*number), .protocol = protocol};
    return std::nullopt;
}

// All ports of an entry, which may be a range.
void read_ports(std::set<port>& out, const tree* list) {
    if (!list) return;
    for (const tree& entry : list->items) {
        const auto first = read_port(entry);
        if (!first) continue;
        const std::uint64_t last = parse_unsigned(entry.text_of("endPort")).value_or(first->number);
        for (std::uint64_t number = first->number; number <= std::min<std::uint64_t>(last, 65535); ++number)
            out.insert({.number = static_cast<std::uint16_t>(number), .protocol = first->protocol});
    }
}

bool has_range(const tree* list) {
    return list && std::ranges::any_of(list->items, [](const tree& entry) { return entry.find("endPort"); });
}

std::optional<icmp> read_icmp(const tree& field) {
    const auto type = parse_unsigned(field.text_of("type"));
    if (!type || *type > 255) return std::nullopt;
    return icmp{.v6 = field.text_of("family") == "IPv6", .type = static_cast<std::uint8_t>(*type)};
}

template <class Entry, class Read>
void read_list(std::set<Entry>& out, const tree* list, Read read) {
    if (!list) return;
    for (const tree& entry : list->items)
        if (const auto value = read(entry)) out.insert(*value);
}

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
    return peer{.kind = peer_kind::endpoint, .labels = std::move(read), .name = {}, .names = {}};
}

peer read_texts(peer_kind kind, const tree& list) {
    peer out{.kind = kind, .labels = {}, .name = {}, .names = {}};
    for (const tree& entry : list.items)
        out.names.emplace_back(kind == peer_kind::fqdn ? entry.text_of("matchName") : std::string_view(entry.scalar));
    return out;
}

std::optional<peer> read_entity(const tree& list) {
    if (list.items.size() != 1) return std::nullopt;
    return peer{.kind = peer_kind::entity, .labels = {}, .name = list.items[0].scalar, .names = {}};
}

void read_l7(std::vector<l7_port>& out, const tree& entry, std::string_view kind) {
    std::set<port> ports;
    read_list(ports, entry.find("ports"), read_port);
    auto target = std::ranges::find(out, ports, &l7_port::ports);
    if (target == out.end()) target = out.insert(out.end(), {.ports = ports, .matches = {}, .any_dns = false});
    for (const tree& each : entry.find("rules")->find(kind)->items) {
        target->any_dns |= each.text_of("matchPattern") == "*";
        if (kind == "http")
            target->matches.insert({.kind = l7_kind::http,
                                    .method = std::string(each.text_of("method")),
                                    .value = std::string(each.text_of("path"))});
        else if (each.find("matchName") || is_domain_pattern(each.text_of("matchPattern")))
            target->matches.insert(
                {.kind = l7_kind::dns,
                 .method = {},
                 .value = std::string(each.text_of(each.find("matchName") ? "matchName" : "matchPattern"))});
    }
}

bool same_ports(const tree& list, const std::set<port>& ports) {
    std::set<port> found;
    read_list(found, &list, read_port);
    return found == ports && list.items.size() == ports.size();
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
            editor.insert_item(lists, lists.items.size(), std::move(list));
        return;
    }
    const tree& list = *target->find(name);
    for (const Entry& entry : entries)
        editor.insert_item(list, place_in(list, entry, read), make_tree(entry));
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
    if (const tree* const to_ports = node.find("toPorts"))
        for (const tree& entry : to_ports->items) {
            if (is_plain_port_rule(entry)) {
                read_ports(out.ports, entry.find("ports"));
                out.port_ranges |= has_range(entry.find("ports"));
            }
            for (const char* kind : {"http", "dns"})
                if (is_l7_port_rule(entry, kind)) read_l7(out.l7_ports, entry, kind);
        }
    if (const tree* const icmps = node.find("icmps"))
        for (const tree& entry : icmps->items)
            read_list(out.icmps, entry.find("fields"), read_icmp);
    return out;
}

const tree* find_l7_entry(const tree& rule, const std::set<port>& ports, l7_kind kind, std::size_t count) {
    const char* const name = kind == l7_kind::http ? "http" : "dns";
    const tree* const to_ports = rule.find("toPorts");
    if (!to_ports) return nullptr;
    const auto found = std::ranges::find_if(to_ports->items, [&](const tree& entry) {
        return is_l7_port_rule(entry, name) && same_ports(*entry.find("ports"), ports) &&
               has_room(entry.find("rules")->find(name), count);
    });
    return found == to_ports->items.end() ? nullptr : &*found;
}

void extend_l7(yaml_editor& editor, const tree& entry, const std::set<l7_match>& matches) {
    const tree& list = entry.find("rules")->members[0].second;
    for (const l7_match& match : matches) {
        const tree item = match_tree(match);
        if (std::ranges::none_of(list.items, [&](const tree& each) { return canonical(each) == canonical(item); }))
            editor.insert_item(list, list.items.size(), item);
    }
}

const tree* find_dns_entry(const tree& rule, std::uint16_t number) {
    const tree* const to_ports = rule.find("toPorts");
    if (!to_ports) return nullptr;
    const auto found = std::ranges::find_if(to_ports->items, [&](const tree& entry) {
        std::set<port> ports;
        if (!is_l7_port_rule(entry, "dns") || !has_room(entry.find("ports"), 1)) return false;
        read_list(ports, entry.find("ports"), read_port);
        return std::ranges::any_of(ports, [&](const port& each) { return each.number == number; });
    });
    return found == to_ports->items.end() ? nullptr : &*found;
}

void add_filtered_port(yaml_editor& editor, const tree& entry, const port& port) {
    const tree& list = *entry.find("ports");
    editor.insert_item(list, place_in(list, port, read_port), port_tree(port));
}

void extend_ports(yaml_editor& editor, const tree& rule, const std::set<port>& ports) {
    extend(editor, *rule.find("toPorts"), "ports", ports, read_port, port_tree, port_rules(ports));
}

void extend_icmps(yaml_editor& editor, const tree& rule, const std::set<icmp>& icmps) {
    extend(editor, *rule.find("icmps"), "fields", icmps, read_icmp, icmp_tree, icmp_rules(icmps));
}

}  // namespace cpg

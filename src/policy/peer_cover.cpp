// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/peer_cover.hpp"

#include <algorithm>

#include "flow/labels.hpp"
#include "policy/file_rule.hpp"

namespace cpg {

namespace {

const std::string* value_of(const known_peer& peer, std::string_view key) {
    const auto found = std::ranges::find(peer.labels, key, &std::pair<std::string, std::string>::first);
    return found == peer.labels.end() ? nullptr : &found->second;
}

cover certain_if(bool condition) {
    return condition ? cover::certain : cover::no;
}

cover perhaps_if(bool condition) {
    return condition ? cover::perhaps : cover::no;
}

// Of several conditions the weakest counts.
template <class Range, class Of>
cover all_of(const Range& range, Of of) {
    cover out = cover::certain;
    for (const auto& each : range)
        if ((out = std::min(out, of(each))) == cover::no) break;
    return out;
}

cover has_label(const known_peer& peer, const tree::member& wanted) {
    const std::string* const value = value_of(peer, without_source(wanted.first));
    return certain_if(value && *value == wanted.second.scalar);
}

// A pod may have labels that its peer does not show, so nothing is certain of one that is not there.
cover meets(const known_peer& peer, const tree& expression) {
    const std::string_view how = expression.text_of("operator");
    const std::string* const value = value_of(peer, without_source(expression.text_of("key")));
    if (!value) return perhaps_if(how == "DoesNotExist" || how == "NotIn");
    if (how == "Exists") return cover::certain;
    if (how == "DoesNotExist") return cover::no;
    const tree* const values = expression.find("values");
    const bool is_in = values && std::ranges::find(values->items, *value, &tree::scalar) != values->items.end();
    if (how == "In") return certain_if(is_in);
    if (how == "NotIn") return values ? certain_if(!is_in) : cover::perhaps;
    return perhaps_if(is_in);
}

bool names_key(const tree& selector, std::string_view wanted) {
    const tree* const labels = selector.find("matchLabels");
    const tree* const expressions = selector.find("matchExpressions");
    return (labels && std::ranges::any_of(labels->members,
                                          [&](const auto& each) { return without_source(each.first) == wanted; })) ||
           (expressions && std::ranges::any_of(expressions->items, [&](const tree& each) {
                return without_source(each.text_of("key")) == wanted;
            }));
}

cover meets_all(const known_peer& peer, const tree::member& part) {
    if (part.first == "matchLabels")
        return all_of(part.second.members, [&](const auto& each) { return has_label(peer, each); });
    if (part.first == "matchExpressions")
        return all_of(part.second.items, [&](const tree& each) { return meets(peer, each); });
    return cover::perhaps;
}

// Without a namespace it means the policy's own, since 1.19 without a cluster the local one.
cover selects_peer(const tree& selector, const known_peer& peer) {
    if (peer.kind != peer_kind::endpoint) return cover::no;
    const cover labels = all_of(selector.members, [&](const auto& each) { return meets_all(peer, each); });
    if (labels == cover::no) return cover::no;
    if (!peer.in_own_namespace && !names_key(selector, namespace_label)) return cover::no;
    const bool is_near = peer.in_own_cluster || names_key(selector, cluster_label);
    return selector.is_mapping() && is_near ? labels : cover::perhaps;
}

bool holds(std::string_view prefix, const known_peer& peer) {
    const auto outer = parse_cidr(prefix);
    return outer && peer.address && contains(*outer, *peer.address);
}

// A group of prefixes has them in another object.
cover is_in_set(const tree& entry, const known_peer& peer) {
    if (!entry.find("cidr")) return perhaps_if(peer.kind == peer_kind::cidr);
    const tree* const except = entry.find("except");
    if (!holds(entry.text_of("cidr"), peer)) return cover::no;
    if (std::ranges::any_of(items_of(except), [&](const tree& each) { return holds(each.scalar, peer); }))
        return cover::no;
    const bool is_plain = entry.members.size() == (except ? 2U : 1U);
    return is_plain ? cover::certain : cover::perhaps;
}

bool is_outside(const known_peer& peer) {
    return peer.kind == peer_kind::cidr || peer.kind == peer_kind::fqdn || peer.who->name.starts_with("world");
}

// Names are learned addresses, and a rule for them is needed for that alone. Inside is what has an identity there.
cover is_entity_of(std::string_view entity, const known_peer& peer) {
    const bool is_learned = peer.kind == peer_kind::fqdn;
    if (entity == "all") return is_learned ? cover::perhaps : cover::certain;
    if (peer.kind == peer_kind::entity && peer.who->name == entity) return cover::certain;
    if (entity == "cluster" && peer.kind == peer_kind::endpoint)
        return peer.in_own_cluster ? cover::certain : cover::perhaps;
    if (entity == "cluster") return perhaps_if(!is_outside(peer));
    if (entity == "world" && peer.kind == peer_kind::cidr) return cover::certain;
    return perhaps_if(entity.starts_with("world") && is_outside(peer));
}

// Patterns of names and patterns of queries are the same ones. Whether an address of the name is learned, and by which
// of the rules, the file does not tell.
cover is_name_of(const tree& entry, const known_peer& peer) {
    return perhaps_if(peer.kind == peer_kind::fqdn &&
                      std::ranges::all_of(peer.who->names, [&](const auto& name) { return names(entry, name); }));
}

}  // namespace

known_peer::known_peer(const peer& peer, std::string_view pod_namespace, const selector& further)
    : who(&peer), kind(peer.kind) {
    if (kind == peer_kind::cidr) address = parse_cidr(peer.names.size() == 1 ? peer.names.front() : peer.name);
    if (kind != peer_kind::endpoint) return;
    for (const auto& [key, value] : peer.labels) {
        labels.emplace_back(without_source(key), value);
        in_own_namespace = in_own_namespace && (labels.back().first != namespace_label || value == pod_namespace);
        in_own_cluster = in_own_cluster && labels.back().first != cluster_label;
    }
    for (const auto& label : further)
        if (label.first != cluster_label && !value_of(*this, label.first)) labels.push_back(label);
    if (!value_of(*this, namespace_label)) labels.emplace_back(namespace_label, pod_namespace);
    std::ranges::sort(labels);
}

cover cover_of(std::string_view name, const tree& entry, const known_peer& peer) {
    if (name == "fromEndpoints" || name == "toEndpoints") return selects_peer(entry, peer);
    if (name == "fromEntities" || name == "toEntities") return is_entity_of(entry.scalar, peer);
    if (name == "fromCIDR" || name == "toCIDR") return certain_if(holds(entry.scalar, peer));
    if (name == "fromCIDRSet" || name == "toCIDRSet") return is_in_set(entry, peer);
    return name == "toFQDNs" ? is_name_of(entry, peer) : cover::no;
}

std::optional<std::pair<std::string_view, std::string_view>> telling_label(const tree& selector) {
    const tree* const labels = selector.find("matchLabels");
    if (!labels) return std::nullopt;
    for (const auto& [name, value] : labels->members)
        if (const std::string_view key = without_source(name); key != namespace_label && key != cluster_label)
            return std::pair{key, std::string_view(value.scalar)};
    return std::nullopt;
}

}  // namespace cpg

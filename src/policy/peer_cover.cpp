// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/peer_cover.hpp"

#include <algorithm>

#include "flow/labels.hpp"

namespace cpg {

namespace {

const std::string* value_of(const known_peer& peer, std::string_view key) {
    const auto found = std::ranges::find(peer.labels, key, &std::pair<std::string, std::string>::first);
    return found == peer.labels.end() ? nullptr : &found->second;
}

bool has_label(const known_peer& peer, const tree::member& wanted) {
    const std::string* const value = value_of(peer, without_source(wanted.first));
    return value && *value == wanted.second.scalar;
}

// A pod may have labels that its peer does not show, so nothing is known of one that is not there.
bool meets(const known_peer& peer, const tree& expression) {
    const std::string_view how = expression.text_of("operator");
    const std::string* const value = value_of(peer, without_source(expression.text_of("key")));
    if (!value) return false;
    if (how == "Exists") return true;
    const tree* const values = expression.find("values");
    const bool is_in = values && std::ranges::find(values->items, *value, &tree::scalar) != values->items.end();
    return (how == "In" && is_in) || (how == "NotIn" && values && !is_in);
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

bool meets_all(const known_peer& peer, const tree::member& part) {
    if (part.first == "matchLabels")
        return std::ranges::all_of(part.second.members, [&](const auto& each) { return has_label(peer, each); });
    return part.first == "matchExpressions" &&
           std::ranges::all_of(part.second.items, [&](const tree& each) { return meets(peer, each); });
}

// Without a namespace it means the policy's own, since 1.19 without a cluster the local one.
bool selects_peer(const tree& selector, const known_peer& peer) {
    if (peer.kind != peer_kind::endpoint || !selector.is_mapping()) return false;
    if (!peer.in_own_namespace && !names_key(selector, namespace_label)) return false;
    if (!peer.in_own_cluster && !names_key(selector, cluster_label)) return false;
    return std::ranges::all_of(selector.members, [&](const auto& each) { return meets_all(peer, each); });
}

bool holds(std::string_view prefix, const known_peer& peer) {
    const auto outer = parse_cidr(prefix);
    return outer && peer.address && contains(*outer, *peer.address);
}

bool is_in_set(const tree& entry, const known_peer& peer) {
    const tree* const except = entry.find("except");
    const bool is_plain = entry.members.size() == (except ? 2U : 1U);
    return is_plain && holds(entry.text_of("cidr"), peer) &&
           !(except && std::ranges::any_of(except->items, [&](const tree& each) { return holds(each.scalar, peer); }));
}

// Names are learned addresses, and a rule for them is needed for that alone.
bool is_entity_of(std::string_view entity, const known_peer& peer) {
    switch (peer.kind) {
        case peer_kind::endpoint: return entity == "all" || (entity == "cluster" && peer.in_own_cluster);
        case peer_kind::cidr: return entity == "all" || entity == "world";
        case peer_kind::entity: return entity == "all";
        case peer_kind::fqdn: return false;
    }
    return false;
}

}  // namespace

known_peer::known_peer(const peer& peer, std::string_view pod_namespace, const selector& further) : kind(peer.kind) {
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

bool takes_in(std::string_view name, const tree& entry, const known_peer& peer) {
    if (name == "fromEndpoints" || name == "toEndpoints") return selects_peer(entry, peer);
    if (name == "fromEntities" || name == "toEntities") return is_entity_of(entry.scalar, peer);
    if (name == "fromCIDR" || name == "toCIDR") return holds(entry.scalar, peer);
    return (name == "fromCIDRSet" || name == "toCIDRSet") && is_in_set(entry, peer);
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

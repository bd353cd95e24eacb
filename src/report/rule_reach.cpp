// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/rule_reach.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "flow/address.hpp"
#include "flow/labels.hpp"
#include "policy/covers.hpp"
#include "report/rule_filter.hpp"

namespace cpg {

namespace {

using label_map = std::map<std::string_view, std::string_view>;

label_map labels_of(const peer& peer, std::string_view pod_namespace) {
    label_map out = {{namespace_label, pod_namespace}};
    for (const auto& [key, value] : peer.labels)
        out[without_source(key)] = value;
    return out;
}

bool has(const label_map& labels, std::string_view key, std::string_view value) {
    const auto found = labels.find(key);
    return found != labels.end() && found->second == value;
}

// Cheap, for most of thousands of selectors: one of its labels is none of the peer's.
bool is_for_others(const tree& selector, const peer& peer) {
    const tree* const labels = selector.find("matchLabels");
    return labels && std::ranges::any_of(labels->members, [&](const tree::member& wanted) {
               const std::string_view key = without_source(wanted.first);
               return key != namespace_label && std::ranges::none_of(peer.labels, [&](const auto& label) {
                          return label.second == wanted.second.scalar && without_source(label.first) == key;
                      });
           });
}

bool meets(const label_map& labels, const tree& expression) {
    const std::string_view key = without_source(expression.text_of("key"));
    const std::string_view how = expression.text_of("operator");
    if (how == "Exists") return labels.contains(key);
    if (how == "DoesNotExist") return !labels.contains(key);
    const tree* const values = expression.find("values");
    const bool is_in =
        values && std::ranges::any_of(values->items, [&](const tree& each) { return has(labels, key, each.scalar); });
    return how == "NotIn" ? !is_in : is_in;
}

bool asks_for(const tree& selector, std::string_view wanted) {
    for (const auto& [name, value] : selector.members) {
        if (name == "matchLabels" && std::ranges::any_of(value.members, [&](const tree::member& each) {
                return without_source(each.first) == wanted;
            }))
            return true;
        if (name == "matchExpressions" && std::ranges::any_of(value.items, [&](const tree& each) {
                return without_source(each.text_of("key")) == wanted;
            }))
            return true;
    }
    return false;
}

// A selector that does not name a namespace is for the policy's own.
bool selects_peer(const tree& selector, const label_map& labels, std::string_view pod_namespace) {
    if (!asks_for(selector, namespace_label) && !has(labels, namespace_label, pod_namespace)) return false;
    for (const auto& [name, value] : selector.members) {
        if (name == "matchLabels" && !std::ranges::all_of(value.members, [&](const tree::member& each) {
                return has(labels, without_source(each.first), each.second.scalar);
            }))
            return false;
        if (name == "matchExpressions" &&
            !std::ranges::all_of(value.items, [&](const tree& each) { return meets(labels, each); }))
            return false;
    }
    return true;
}

// Outside the cluster are addresses and names; inside is what has an identity there.
bool is_entity_for(std::string_view entity, const peer& peer) {
    if (entity == "all" || (peer.kind == peer_kind::entity && peer.name == entity)) return true;
    const bool outside = peer.kind == peer_kind::cidr || peer.kind == peer_kind::fqdn ||
                         (peer.kind == peer_kind::entity && peer.name.starts_with("world"));
    if (entity == "cluster") return !outside;
    return entity.starts_with("world") && outside;
}

bool is_prefix_for(std::string_view prefix, const peer& peer) {
    const auto outer = parse_cidr(prefix);
    const auto inner = parse_cidr(peer.name);
    return peer.kind == peer_kind::cidr && outer && inner && contains(*outer, *inner);
}

bool is_cidr_set_for(const tree& entry, const peer& peer) {
    if (peer.kind != peer_kind::cidr) return false;
    if (!entry.find("cidr")) return true;
    const tree* const except = entry.find("except");
    return is_prefix_for(entry.text_of("cidr"), peer) &&
           !(except &&
             std::ranges::any_of(except->items, [&](const tree& each) { return is_prefix_for(each.scalar, peer); }));
}

// Patterns of names and patterns of queries are the same ones.
bool is_name_for(const tree& entry, const peer& peer) {
    static const port dns = {.number = 53, .protocol = l4_protocol::udp};
    const tree ports = tree::list({tree::map({{"port", tree::number(53)}})});
    const tree query = tree::map(
        {{"toPorts",
          tree::list({tree::map({{"ports", ports}, {"rules", tree::map({{"dns", tree::list({entry})}})}})})}});
    return peer.kind == peer_kind::fqdn && std::ranges::all_of(peer.names, [&](const std::string& name) {
               return allows_match(query, dns, {.kind = l7_kind::dns, .method = {}, .value = name});
           });
}

bool is_member_for(std::string_view name, const tree& entry, const peer& peer, std::string_view pod_namespace) {
    if (name.ends_with("Endpoints"))
        return peer.kind == peer_kind::endpoint && !is_for_others(entry, peer) &&
               selects_peer(entry, labels_of(peer, pod_namespace), pod_namespace);
    if (name.ends_with("Entities")) return is_entity_for(entry.scalar, peer);
    if (name.ends_with("CIDRSet")) return is_cidr_set_for(entry, peer);
    if (name.ends_with("CIDR")) return is_prefix_for(entry.scalar, peer);
    return name == "toFQDNs" && is_name_for(entry, peer);
}

// A port by name: which number it has only the pods know.
bool has_named_port(const tree& rule) {
    const tree* const to_ports = rule.find("toPorts");
    return to_ports && std::ranges::any_of(to_ports->items, [](const tree& entry) {
               const tree* const ports = entry.find("ports");
               return ports && std::ranges::any_of(ports->items, [](const tree& each) {
                          return each.text_of("port").find_first_not_of("0123456789") != std::string_view::npos;
                      });
           });
}

// True when the text may match more than one path or method: then cpg has not written it.
bool is_pattern(std::string_view text) {
    if (text.starts_with('^')) text.remove_prefix(1);
    if (text.ends_with('$')) text.remove_suffix(1);
    constexpr std::string_view any_query = "(\\?.*)?";
    if (text.ends_with(any_query)) text.remove_suffix(any_query.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (std::string_view(".*+?()[]{}|^$").find(text[i]) != std::string_view::npos)
            return true;
    }
    return false;
}

bool may_be(std::string_view outer, std::string_view inner) {
    return outer.empty() || outer == inner || is_pattern(outer);
}

bool entry_lets_in(const tree& port_rule, const rule_key& key) {
    const tree* const rules = port_rule.find("rules");
    const tree* const http = rules ? rules->find("http") : nullptr;
    return http && names_port(port_rule, {.number = key.port, .protocol = key.protocol}) &&
           std::ranges::any_of(http->items, [&](const tree& each) {
               return may_be(each.text_of("method"), key.l7.method) && may_be(each.text_of("path"), key.l7.value);
           });
}

bool lets_request_in(const tree& rule, const rule_key& key) {
    const tree* const to_ports = rule.find("toPorts");
    return opens_port(rule, {.number = key.port, .protocol = key.protocol}) ||
           (to_ports &&
            std::ranges::any_of(to_ports->items, [&](const tree& each) { return entry_lets_in(each, key); }));
}

}  // namespace

bool reaches(const tree& rule, const peer& peer, std::string_view pod_namespace) {
    bool for_everybody = !rule.members.empty();
    for (const auto& [name, value] : rule.members) {
        if (name == "toPorts" || name == "icmps") continue;
        for_everybody = false;
        for (const tree& entry : value.items)
            if (is_member_for(name, entry, peer, pod_namespace)) return true;
    }
    return for_everybody;
}

bool lets_in(const tree& rule, const rule_key& key) {
    if (is_icmp(key))
        return opens_icmp(rule,
                          {.v6 = key.protocol == l4_protocol::icmpv6, .type = static_cast<std::uint8_t>(key.port)});
    // A name that the rule is for may be asked for: that is what the companion is there for.
    if (key.l7.kind == l7_kind::dns || has_named_port(rule)) return true;
    if (key.l7.kind == l7_kind::http) return lets_request_in(rule, key);
    return lets_through(rule, {.number = key.port, .protocol = key.protocol});
}

bool may_match(const l7_match& outer, const l7_match& inner) {
    if (outer.kind != inner.kind) return outer.kind == l7_kind::none;
    return may_be(outer.method, inner.method) && (outer.value == inner.value || is_pattern(outer.value));
}

}  // namespace cpg

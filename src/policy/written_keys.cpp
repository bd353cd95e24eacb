// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/written_keys.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "policy/build_l7.hpp"
#include "request/cluster_domain.hpp"
#include "request/path_shape.hpp"

namespace cpg {

written_keys::written_keys(const std::vector<rule_key>& keys, const name_service& names, std::string_view pod_namespace,
                           const rule_shape& shape)
    : service_(with_servers_of(keys, names)) {
    if (service_.domains.empty()) service_.domains.emplace(usual_cluster_domain, 0);
    first_server_ = service_.servers.empty() ? usual_dns_server(pod_namespace) : *service_.servers.begin();
    for (const rule_key& key : keys)
        if (key.l7.kind == l7_kind::dns) asked_.insert(key.l7.value);
    if (shape.collapse_paths) collapse_paths(keys);
}

// Among the requests with one method to one port of one peer.
void written_keys::collapse_paths(const std::vector<rule_key>& keys) {
    std::map<rule_key, std::set<std::string>> paths;
    for (rule_key key : keys) {
        if (key.l7.kind != l7_kind::http) continue;
        std::string path = std::exchange(key.l7.value, {});
        paths[std::move(key)].insert(std::move(path));
    }
    for (const auto& [of, patterns] : paths)
        for (auto& [path, written] : collapsed_paths(patterns)) {
            if (path == written) continue;
            rule_key key = of;
            key.l7.value = path;
            collapsed_.emplace(std::move(key), written);
        }
}

std::optional<rule_key> written_keys::changed(const rule_key& key) const {
    if (key.l7.kind != l7_kind::http) return by_name(key);
    const auto found = collapsed_.find(key);
    if (found == collapsed_.end()) return std::nullopt;
    rule_key out = key;
    out.l7.value = found->second;
    return out;
}

bool written_keys::is_of_cluster(const std::string& name) const {
    return std::ranges::any_of(service_.domains, [&](const auto& each) { return is_below(name, each.first); });
}

// A server is asked by its address before any name is known.
bool written_keys::may_have_names(const rule_key& key) const {
    const bool has_ports =
        key.protocol == l4_protocol::tcp || key.protocol == l4_protocol::udp || key.protocol == l4_protocol::sctp;
    return key.direction == direction::egress && key.peer.kind == peer_kind::cidr && has_ports &&
           key.l7.kind == l7_kind::none && !service_.addresses.empty() && !server_asked(key);
}

// Of several names those that the workload asked for: an address of a content network has many more.
void written_keys::keep_asked(name_list& names) const {
    std::erase_if(names, [&](const std::string& name) { return is_of_cluster(name); });
    const auto is_asked = [&](const std::string& name) { return asked_.contains(name); };
    if (names.size() > 1 && std::ranges::any_of(names, is_asked)) std::erase_if(names, std::not_fn(is_asked));
}

name_list written_keys::names_of(const std::string& address) const {
    const auto found = service_.addresses.find(address);
    if (found == service_.addresses.end()) return {};
    std::set<std::string> all;
    for (name_list list : found->second) {
        keep_asked(list);
        all.insert(list.begin(), list.end());
    }
    name_list out(all.begin(), all.end());
    if (out.size() > most_names_of_a_peer) keep_asked(out);
    return out;
}

std::optional<rule_key> written_keys::by_name(const rule_key& key) const {
    if (!may_have_names(key)) return std::nullopt;
    name_list names = names_of(key.peer.name);
    if (names.empty() || names.size() > most_names_of_a_peer) return std::nullopt;
    rule_key out = key;
    out.peer = peer::fqdn(std::move(names));
    return out;
}

bool written_keys::has_too_many_names(const rule_key& key) const {
    return may_have_names(key) && names_of(key.peer.name).size() > most_names_of_a_peer;
}

rule_key written_keys::of(const rule_key& key) const {
    if (auto other = changed(key)) return std::move(*other);
    rule_key out = key;
    if (key.l7.kind == l7_kind::dns && is_of_cluster(key.l7.value)) {
        out.peer = first_server_.peer;
        out.port = first_server_.port;
    }
    return out;
}

}  // namespace cpg

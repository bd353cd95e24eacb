// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/rule_key.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

std::string describe_endpoint(const selector& labels) {
    selector own;
    std::string place;
    for (const auto& [key, value] : labels) {
        if (key == namespace_label)
            place += " in namespace " + value;
        else if (key == cluster_label)
            place += " in cluster " + value;
        else
            own.emplace_back(key, value);
    }
    return to_string(own) + place;
}

// A comment names the first few of thousands of addresses.
std::string list_of(const std::vector<std::string>& names) {
    constexpr std::size_t most_named = 10;
    const std::size_t named = std::min(names.size(), most_named);
    const std::string text =
        join(std::vector<std::string>(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(named)), ", ");
    return names.size() > named ? text + " and " + std::to_string(names.size() - named) + " more" : text;
}

std::string key_of(const peer& peer) {
    switch (peer.kind) {
        case peer_kind::endpoint: return "ep:" + to_string(peer.labels);
        case peer_kind::entity: return "entity:" + peer.name;
        case peer_kind::cidr: return "cidr:" + peer.name;
        case peer_kind::fqdn: return "fqdn:" + join(peer.names, ",");
    }
    return {};
}

}  // namespace

std::string describe(const peer& peer) {
    switch (peer.kind) {
        case peer_kind::endpoint: return describe_endpoint(peer.labels);
        case peer_kind::entity: return "entity " + peer.name;
        case peer_kind::cidr: return peer.names.empty() ? peer.name : list_of(peer.names);
        case peer_kind::fqdn: return list_of(peer.names);
    }
    return {};
}

std::string to_string(const rule_key& key) {
    std::string out(to_string(key.direction));
    out += ":" + key_of(key.peer) + ":" + std::string(to_string(key.protocol)) + ":" + std::to_string(key.port);
    if (key.l7.kind == l7_kind::http) out += ":http:" + key.l7.method + ":" + key.l7.value;
    if (key.l7.kind == l7_kind::dns) out += ":dns:" + key.l7.value;
    return out;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/rule_key.hpp"

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
        case peer_kind::cidr: return peer.name;
        case peer_kind::fqdn: return join(peer.names, ", ");
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

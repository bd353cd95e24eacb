// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/read_policy.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "policy/build.hpp"

namespace cpg::test {

namespace {

selector read_selector(const YAML::Node& labels) {
    selector out;
    for (const auto& label : labels)
        out.emplace_back(label.first.Scalar(), label.second.Scalar());
    std::ranges::sort(out);
    return out;
}

peer read_peer(const YAML::Node& rule) {
    peer out;
    for (const char* name : {"fromEndpoints", "toEndpoints"})
        if (rule[name]) out.labels = read_selector(rule[name][0]["matchLabels"]);
    for (const char* name : {"fromEntities", "toEntities"})
        if (rule[name]) out.kind = peer_kind::entity, out.name = rule[name][0].Scalar();
    for (const char* name : {"fromCIDR", "toCIDR"})
        if (rule[name]) out.kind = peer_kind::cidr, out.name = rule[name][0].Scalar();
    return out;
}

l4_protocol read_protocol(const std::string& name) {
    if (name == "UDP") return l4_protocol::udp;
    return name == "SCTP" ? l4_protocol::sctp : l4_protocol::tcp;
}

void read_rule(std::vector<rule_key>& out, direction direction, const YAML::Node& rule) {
    const peer who = read_peer(rule);
    const auto add = [&](l4_protocol protocol, const YAML::Node& number) {
        out.push_back(
            {.direction = direction, .peer = who, .protocol = protocol, .port = number.as<std::uint16_t>(), .l7 = {}});
    };
    for (const auto& port_rule : rule["toPorts"])
        for (const auto& port : port_rule["ports"])
            add(read_protocol(port["protocol"].Scalar()), port["port"]);
    for (const auto& icmp : rule["icmps"])
        for (const auto& field : icmp["fields"])
            add(field["family"].Scalar() == "IPv6" ? l4_protocol::icmpv6 : l4_protocol::icmpv4, field["type"]);
}

}  // namespace

policy read_policy(const std::string& yaml) {
    const YAML::Node document = YAML::Load(yaml);
    const YAML::Node spec = document["spec"];
    std::vector<rule_key> keys;
    for (const auto& rule : spec["ingress"])
        read_rule(keys, direction::ingress, rule);
    for (const auto& rule : spec["egress"])
        read_rule(keys, direction::egress, rule);
    return build_policy(document["metadata"]["namespace"].Scalar(), document["metadata"]["name"].Scalar().substr(4),
                        read_selector(spec["endpointSelector"]["matchLabels"]), keys);
}

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/allowed.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace cpg::test {

namespace {

std::string bare(std::string key) {
    for (const std::string prefix : {"k8s:", "any:"})
        if (key.starts_with(prefix)) return key.substr(prefix.size());
    return key;
}

// One text for nodes that mean the same: members sorted, no trace of style.
std::string canonical(const YAML::Node& node) {
    if (node.IsScalar()) return node.Scalar();
    std::string out;
    if (node.IsMap()) {
        std::set<std::string> members;
        for (const auto& member : node)
            members.insert(bare(member.first.Scalar()) + ": " + canonical(member.second));
        for (const std::string& member : members)
            out += (out.empty() ? "" : ", ") + member;
        return "{" + out + "}";
    }
    for (const auto& item : node)
        out += (out.empty() ? "" : ", ") + canonical(item);
    return "[" + out + "]";
}

// Who: each item of a list of peers on its own, with whatever else narrows the rule.
std::vector<std::string> peers_of(const YAML::Node& rule) {
    std::string narrowed;
    std::vector<std::string> out;
    for (const auto& member : rule) {
        const std::string name = member.first.Scalar();
        if (name == "toPorts" || name == "icmps") continue;
        if (!name.starts_with("from") && !name.starts_with("to"))
            narrowed += " " + name + canonical(member.second);
        else
            for (const auto& item : member.second)
                out.push_back(name + " " + canonical(item));
    }
    if (out.empty()) out.emplace_back("anybody");
    for (std::string& each : out)
        each += narrowed;
    return out;
}

std::vector<std::string> ports_of(const YAML::Node& rule) {
    std::vector<std::string> out;
    for (const auto& port_rule : rule["toPorts"]) {
        std::string narrowed;
        for (const auto& member : port_rule)
            if (member.first.Scalar() != "ports") narrowed += " " + member.first.Scalar() + canonical(member.second);
        for (const auto& port : port_rule["ports"])
            out.push_back(port["protocol"].as<std::string>("ANY") + "/" + port["port"].as<std::string>("") + "-" +
                          port["endPort"].as<std::string>("") + narrowed);
    }
    for (const auto& icmp : rule["icmps"])
        for (const auto& field : icmp["fields"])
            out.push_back("ICMP " + field["family"].as<std::string>("IPv4") + "/" + field["type"].as<std::string>(""));
    if (!rule["toPorts"] && !rule["icmps"]) out.emplace_back("everything");
    return out;
}

void add_spec(std::set<std::string>& out, const YAML::Node& spec) {
    for (const std::string direction : {"ingress", "egress"})
        for (const auto& rule : spec[direction])
            for (const std::string& peer : peers_of(rule))
                for (const std::string& port : ports_of(rule))
                    out.insert(canonical(spec["endpointSelector"]) + " " + direction + " " + peer + " " + port);
}

}  // namespace

std::set<std::string> allowed_facts(const std::string& yaml) {
    std::set<std::string> out;
    for (const YAML::Node& document : YAML::LoadAll(yaml)) {
        if (!document.IsMap() || document["kind"].as<std::string>("") != "CiliumNetworkPolicy") continue;
        if (document["spec"]) add_spec(out, document["spec"]);
        for (const auto& spec : document["specs"])
            add_spec(out, spec);
    }
    return out;
}

std::string lost_facts(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::vector<std::string> lost;
    std::ranges::set_difference(a, b, std::back_inserter(lost));
    std::string out;
    for (const std::string& each : lost)
        out += each + "\n";
    return out;
}

}  // namespace cpg::test

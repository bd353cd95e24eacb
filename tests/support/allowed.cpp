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

// Each request or name on its own: a list that grows loses none.
std::vector<std::string> l7_of(const YAML::Node& rules) {
    std::vector<std::string> out;
    for (const auto& kind : rules)
        for (const auto& entry : kind.second)
            out.push_back(" rules{" + kind.first.Scalar() + canonical(entry) + "}");
    if (out.empty()) out.emplace_back();
    return out;
}

std::vector<std::string> ports_of(const YAML::Node& rule) {
    std::vector<std::string> out;
    for (const auto& port_rule : rule["toPorts"]) {
        std::string narrowed;
        for (const auto& member : port_rule)
            if (member.first.Scalar() != "ports" && member.first.Scalar() != "rules")
                narrowed += " " + member.first.Scalar() + canonical(member.second);
        for (const auto& port : port_rule["ports"])
            for (const std::string& l7 : l7_of(port_rule["rules"]))
                out.push_back(port["protocol"].as<std::string>("ANY") + "/" + port["port"].as<std::string>("") + "-" +
                              port["endPort"].as<std::string>("") + narrowed + l7);
    }
    for (const auto& icmp : rule["icmps"])
        for (const auto& field : icmp["fields"])
            out.push_back("ICMP " + field["family"].as<std::string>("IPv4") + "/" + field["type"].as<std::string>(""));
    // `{}` turns default deny on and allows nothing.
    if (!rule["toPorts"] && !rule["icmps"] && rule.size() > 0) out.emplace_back("everything");
    return out;
}

void add_spec(std::set<std::string>& out, const YAML::Node& spec) {
    const std::string who = canonical(spec["endpointSelector"]);
    for (const std::string direction : {"ingress", "egress"})
        for (const auto& rule : spec[direction]) {
            const std::vector<std::string> ports = ports_of(rule);
            for (const std::string& peer : peers_of(rule))
                for (const std::string& port : ports)
                    out.insert(who + " " + direction + " " + peer + " " + port);
        }
}

// Whom and which port the facts open plainly, or with a filter behind it; ANY counts as each protocol.
std::set<std::string> openings(const std::set<std::string>& facts, bool filtered) {
    std::set<std::string> out;
    for (const std::string& fact : facts) {
        const auto slash = fact.rfind('/', fact.find(" rules{"));
        const auto end = fact.find(' ', slash);
        if (slash == std::string::npos || (end != std::string::npos) != filtered) continue;
        const std::string head = fact.substr(0, fact.rfind(' ', slash) + 1);
        const std::string protocol = fact.substr(head.size(), slash - head.size());
        for (const std::string each : {"TCP", "UDP", "SCTP"})
            if (protocol == each || protocol == "ANY") out.insert(head + each + fact.substr(slash, end - slash));
    }
    return out;
}

// The same for pods of which a label less is asked.
std::vector<std::string> wider_peers(const std::string& fact) {
    constexpr std::string_view labels = "Endpoints {matchLabels: {";
    std::vector<std::string> out;
    const auto begin = fact.find(labels);
    if (begin == std::string::npos) return out;
    const auto end = fact.find('}', begin);
    for (auto at = begin + labels.size(); at < end;) {
        const auto next = std::min(fact.find(", ", at), end);
        const bool is_last = next == end;
        const bool is_namespace = fact.compare(at, 27, "io.kubernetes.pod.namespace") == 0;
        const auto from = is_last && at > begin + labels.size() ? at - 2 : at;
        if (!is_namespace) out.push_back(fact.substr(0, from) + fact.substr(is_last ? next : next + 2));
        at = next + 2;
    }
    return out;
}

}  // namespace

std::set<std::string> allowed_facts(const std::string& yaml) {
    std::set<std::string> out;
    // As a line break: yaml-cpp knows a return as one only before another character.
    for (const YAML::Node& document : YAML::LoadAll(yaml.ends_with('\r') ? yaml + '\n' : yaml)) {
        if (!document.IsMap() || document["kind"].as<std::string>("") != "CiliumNetworkPolicy") continue;
        if (document["spec"]) add_spec(out, document["spec"]);
        for (const auto& spec : document["specs"])
            add_spec(out, spec);
    }
    return out;
}

std::string voided_filters(const std::set<std::string>& before, const std::set<std::string>& after) {
    const auto open_before = openings(before, false);
    const auto open_after = openings(after, false);
    std::string out;
    for (const std::string& filtered : openings(before, true))
        if (!open_before.contains(filtered) && open_after.contains(filtered)) out += filtered + "\n";
    return out;
}

std::string lacking_facts(const std::string& wanted, const std::set<std::string>& facts) {
    std::set<std::string> lacking = allowed_facts(wanted);
    std::erase_if(lacking, [&](const std::string& fact) {
        return std::ranges::any_of(wider_peers(fact), [&](const std::string& each) { return facts.contains(each); });
    });
    return lost_facts(lacking, facts);
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

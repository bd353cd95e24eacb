// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/policy_invariants.hpp"

#include <arpa/inet.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <map>
#include <regex>
#include <set>

#include "support/temp_dir.hpp"
#include "support/yaml_string.hpp"

namespace cpg::test {

namespace {

using names = std::set<std::string>;

constexpr std::size_t most_entries = 40;
const std::regex dns_label("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
const std::regex dns_subdomain("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
const std::regex label_value("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
const std::regex dns_name("([-a-z0-9_]+\\.)*[-a-z0-9_]+");
const names entities = {"all",       "world",       "cluster", "host", "init",          "ingress",
                        "unmanaged", "remote-node", "health",  "none", "kube-apiserver"};
const names ingress_peers = {"fromEndpoints", "fromCIDR", "fromEntities"};
const names egress_peers = {"toEndpoints", "toCIDR", "toEntities", "toFQDNs"};
const names other_peers = {"fromCIDRSet", "fromNodes", "fromGroups", "fromRequires", "toCIDRSet",
                           "toServices",  "toNodes",   "toGroups",   "toRequires"};

class checker {
  public:
    explicit checker(written_by author) : strict_(author == written_by::cpg) {}

    void check_document(const YAML::Node& document) {
        if (document["kind"].as<std::string>("") != "CiliumNetworkPolicy") {
            if (strict_) fault("a document that is no CiliumNetworkPolicy");
            return;
        }
        if (document["apiVersion"].as<std::string>("") != "cilium.io/v2") fault("apiVersion is not cilium.io/v2");
        check_metadata(document["metadata"]);
        if (strict_) check_members(document, {"apiVersion", "kind", "metadata", "spec"}, "the policy");
        if (!document["spec"] && !document["specs"]) fault("neither spec nor specs");
        if (document["spec"]) check_spec(document["spec"]);
        for (const auto& spec : document["specs"])
            check_spec(spec);
    }

    std::vector<std::string> take() { return std::move(faults_); }

  private:
    void fault(const std::string& what) { faults_.push_back(what); }

    void check_members(const YAML::Node& of, const names& allowed, const std::string& where) {
        for (const auto& member : of)
            if (!allowed.contains(member.first.Scalar())) fault(where + " has the member " + member.first.Scalar());
    }

    void check_metadata(const YAML::Node& metadata) {
        const YAML::Node name = metadata["name"];
        if (!is_yaml_string(name) || name.Scalar().size() > 253 || !std::regex_match(name.Scalar(), dns_subdomain))
            fault("metadata.name is no name");
        if (!strict_) return;
        const YAML::Node place = metadata["namespace"];
        if (!is_yaml_string(place) || !std::regex_match(place.Scalar(), dns_label)) fault("no valid namespace");
        if (metadata["labels"]["app.kubernetes.io/managed-by"].as<std::string>("") != "cpg")
            fault("not labelled as managed by cpg");
        check_members(metadata, {"name", "namespace", "labels"}, "metadata");
    }

    void check_spec(const YAML::Node& spec) {
        check_endpoint_selector(spec["endpointSelector"]);
        if (strict_) check_members(spec, {"endpointSelector", "ingress", "egress"}, "spec");
        std::size_t rules = 0;
        for (const char* direction : {"ingress", "egress", "ingressDeny", "egressDeny"})
            rules += spec[direction] ? spec[direction].size() : 0;
        if (rules == 0) fault("a policy without rules");
        check_rules(spec["ingress"], ingress_peers, "ingress");
        check_rules(spec["egress"], egress_peers, "egress");
        check_fqdn_companion(spec["egress"]);
    }

    void check_endpoint_selector(const YAML::Node& selector) {
        const YAML::Node labels = selector["matchLabels"];
        if (strict_ && (!labels || labels.size() == 0)) fault("endpointSelector selects every pod of the namespace");
        check_labels(labels, "endpointSelector", false);
    }

    void check_labels(const YAML::Node& labels, const std::string& where, bool is_peer) {
        if (!labels) return;
        std::size_t own = 0;
        for (const auto& label : labels) {
            const std::string key = bare(label.first.Scalar());
            const bool place = key == "io.kubernetes.pod.namespace" || key == "io.cilium.k8s.policy.cluster";
            own += place ? 0 : 1;
            if (!is_yaml_string(label.first)) fault(where + ": the key " + key + " is no YAML string");
            if (!is_yaml_string(label.second)) fault(where + ": the value of " + key + " is no YAML string");
            const std::string value = label.second.Scalar();
            if (value.size() > 63 || !std::regex_match(value, label_value)) fault(where + ": bad value of " + key);
            if (place && value.empty()) fault(where + ": an empty " + key + " matches nothing");
            if ((place && !is_peer) || is_ephemeral(key)) fault(where + " must not have the key " + key);
        }
        if (strict_ && own == 0) fault(where + " has no label of its own");
    }

    static std::string bare(const std::string& key) {
        for (const std::string prefix : {"k8s:", "any:"})
            if (key.starts_with(prefix)) return key.substr(prefix.size());
        return key;
    }

    static bool is_ephemeral(const std::string& key) {
        static const std::regex pattern(
            "job-name|batch\\.kubernetes\\.io/.*|.*controller-uid|.*pod-template-hash|.*pod-name|.*pod-index|"
            "controller-revision-hash|io\\.cilium\\.k8s\\.(policy\\.serviceaccount|namespace\\.labels\\..*)|"
            "pod-template-generation|helm\\.sh/chart|app\\.kubernetes\\.io/version|topology\\.kubernetes\\.io/.*");
        return std::regex_match(key, pattern);
    }

    void check_rules(const YAML::Node& rules, const names& peers, const std::string& direction) {
        if (!rules || rules.IsNull()) return;
        if (!rules.IsSequence()) return fault(direction + " is not a list");
        std::set<std::string> seen;
        for (const auto& rule : rules) {
            check_rule(rule, peers, direction);
            if (strict_ && !seen.insert(YAML::Dump(rule)).second) fault(direction + ": a rule stands twice");
        }
    }

    void check_rule(const YAML::Node& rule, const names& peers, const std::string& where) {
        if (!rule.IsMap()) return fault(where + ": a rule that is no mapping");
        if (strict_ && rule.size() == 0) return fault(where + ": an empty rule allows everything");
        std::size_t l3 = 0;
        bool others = false;
        for (const auto& member : rule) {
            const std::string name = member.first.Scalar();
            const bool peer = peers.contains(name) || other_peers.contains(name);
            l3 += peer ? 1 : 0;
            others |= !peers.contains(name) && name != "toPorts" && name != "icmps";
            if (peer && (!member.second.IsSequence() || member.second.size() == 0)) fault(where + ": an empty " + name);
        }
        if (l3 > 1 || (strict_ && l3 != 1)) fault(where + ": not exactly one kind of peer");
        if (strict_ && others) fault(where + ": a member that cpg does not write");
        check_peers(rule, where);
        if (rule["toPorts"] && rule["icmps"]) fault(where + ": ports and ICMP in one rule");
        if (strict_ && !rule["toPorts"] && !rule["icmps"]) fault(where + ": every port of the peer");
        check_ports(rule["toPorts"], where);
        check_icmps(rule["icmps"], where);
    }

    void check_peers(const YAML::Node& rule, const std::string& where) {
        for (const char* name : {"fromEndpoints", "toEndpoints"})
            for (const auto& peer : rule[name]) {
                if (strict_ && (!peer["matchLabels"] || peer.size() != 1)) fault(where + ": a peer without labels");
                check_labels(peer["matchLabels"], where + " peer", true);
            }
        for (const char* name : {"fromCIDR", "toCIDR"})
            for (const auto& cidr : rule[name])
                check_cidr(cidr, where);
        for (const char* name : {"fromEntities", "toEntities"})
            for (const auto& entity : rule[name])
                if (!entities.contains(entity.Scalar())) fault(where + ": no such entity: " + entity.Scalar());
        for (const auto& name : rule["toFQDNs"])
            if (name["matchName"]) check_dns_name(name["matchName"].Scalar(), where);
    }

    // cpg opens single addresses only, written as inet_ntop writes them.
    void check_cidr(const YAML::Node& node, const std::string& where) {
        const std::string cidr = node.Scalar();
        const std::string ip = cidr.substr(0, cidr.find('/'));
        const bool v6 = ip.find(':') != std::string::npos;
        std::array<unsigned char, 16> bytes{};
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (!is_yaml_string(node) || ::inet_pton(v6 ? AF_INET6 : AF_INET, ip.c_str(), bytes.data()) != 1)
            return fault(where + ": no CIDR: " + cidr);
        if (!strict_) return;
        ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
        if (cidr != std::string(text.data()) + (v6 ? "/128" : "/32")) fault(where + ": not one address: " + cidr);
        if (ip.starts_with("::ffff:")) fault(where + ": IPv4 written as IPv6: " + cidr);
    }

    void check_dns_name(const std::string& name, const std::string& where) {
        if (name.size() > 255 || !std::regex_match(name, dns_name)) fault(where + ": no DNS name: " + name);
    }

    void check_ports(const YAML::Node& port_rules, const std::string& where) {
        if (!port_rules) return;
        if (!port_rules.IsSequence() || port_rules.size() == 0) return fault(where + ": toPorts is empty");
        std::set<std::pair<std::string, int>> plain;
        for (const auto& port_rule : port_rules) {
            const YAML::Node ports = port_rule["ports"];
            if (!ports || ports.size() == 0) fault(where + ": no ports in toPorts");
            if (ports && ports.size() > most_entries) fault(where + ": more than 40 ports in a list");
            for (const auto& port : ports)
                check_port(port, where);
            if (strict_) check_order(ports, where);
            if (strict_ && !port_rule["rules"])
                for (const auto& port : ports)
                    if (!plain.insert({port["protocol"].Scalar(), port["port"].as<int>(0)}).second)
                        fault(where + ": a port stands twice");
            check_l7(port_rule, where);
        }
    }

    void check_port(const YAML::Node& port, const std::string& where) {
        const YAML::Node number = port["port"];
        if (!is_yaml_string(number)) return fault(where + ": a port that is no YAML string");
        const std::string& text = number.Scalar();
        const bool numeric = !text.empty() && text.size() <= 5 && text[0] != '0' &&
                             text.find_first_not_of("0123456789") == std::string::npos;
        if (strict_ && (!numeric || number.as<int>() > 65535)) fault(where + ": no port: " + number.Scalar());
        const std::string protocol = port["protocol"].as<std::string>("");
        static const names protocols = {"TCP", "UDP", "SCTP"};
        static const names members = {"port", "protocol"};
        if (strict_ && !protocols.contains(protocol)) fault(where + ": no protocol: " + protocol);
        if (strict_) check_members(port, members, where + " port");
    }

    void check_order(const YAML::Node& ports, const std::string& where) {
        int last = 0;
        for (const auto& port : ports) {
            if (port["port"].as<int>(0) < last) fault(where + ": ports are not sorted by number");
            last = port["port"].as<int>(0);
        }
    }

    void check_l7(const YAML::Node& port_rule, const std::string& where) {
        const YAML::Node rules = port_rule["rules"];
        if (!rules) return;
        if (rules.size() != 1) fault(where + ": not exactly one kind of L7 rules");
        for (const auto& http : rules["http"])
            if (strict_) check_http(http, port_rule["ports"], where);
        if (rules["dns"] && where != "egress") fault("DNS rules on ingress");
        for (const auto& dns : rules["dns"])
            if (dns["matchName"]) check_dns_name(dns["matchName"].Scalar(), where);
    }

    void check_http(const YAML::Node& http, const YAML::Node& ports, const std::string& where) {
        const std::string path = http["path"].as<std::string>("");
        if (!path.starts_with("^/") || !path.ends_with("$")) fault(where + ": a path that is not anchored: " + path);
        if (http["method"].as<std::string>("").empty()) fault(where + ": HTTP without a method");
        check_members(http, {"method", "path"}, where + " http");
        for (const auto& port : ports)
            if (port["protocol"].as<std::string>("") != "TCP") fault(where + ": HTTP on another protocol than TCP");
    }

    void check_icmps(const YAML::Node& icmps, const std::string& where) {
        if (!icmps) return;
        for (const auto& entry : icmps) {
            if (entry["fields"].size() == 0) fault(where + ": icmps without fields");
            if (entry["fields"].size() > most_entries) fault(where + ": more than 40 ICMP types in a list");
            for (const auto& field : entry["fields"])
                check_icmp(field, where);
        }
    }

    void check_icmp(const YAML::Node& field, const std::string& where) {
        const std::string family = field["family"].as<std::string>("");
        if (strict_ && family != "IPv4" && family != "IPv6") fault(where + ": ICMP without a family");
        if (!strict_) return;
        const int type = field["type"].as<int>(-1);
        if (type < 1 || type > 255) fault(where + ": ICMP type " + std::to_string(type));
        if (field["type"].Tag() == "!") fault(where + ": an ICMP type that is a string");
    }

    // Without a DNS rule the proxy never learns which addresses the names have.
    void check_fqdn_companion(const YAML::Node& egress) {
        bool names_used = false;
        bool dns = false;
        for (const auto& rule : egress) {
            names_used |= static_cast<bool>(rule["toFQDNs"]);
            for (const auto& port_rule : rule["toPorts"])
                dns |= port_rule["rules"] && port_rule["rules"]["dns"];
        }
        if (strict_ && names_used && !dns) fault("toFQDNs without a DNS rule");
    }

    bool strict_;
    std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> policy_faults(const std::string& yaml, written_by author) {
    checker checker(author);
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(yaml);
        if (author == written_by::cpg && documents.size() != 1) return {"not exactly one document"};
        for (const YAML::Node& document : documents)
            if (document.IsMap()) checker.check_document(document);
    } catch (const YAML::Exception& error) {
        return {std::string("not readable: ") + error.what()};
    }
    return checker.take();
}

std::vector<std::string> tree_faults(const std::filesystem::path& output_dir, written_by author) {
    namespace fs = std::filesystem;
    std::vector<std::string> out;
    std::map<std::pair<std::string, std::string>, std::string> selectors;
    if (!fs::exists(output_dir)) return out;
    for (const auto& entry : fs::recursive_directory_iterator(output_dir)) {
        if (entry.is_directory()) continue;
        const fs::path path = fs::relative(entry.path(), output_dir);
        const std::string text = read_text(entry.path());
        for (const std::string& fault : policy_faults(text, author))
            out.push_back(path.string() + ": " + fault);
        const YAML::Node document = YAML::Load(text);
        const std::string place = document["metadata"]["namespace"].as<std::string>("");
        const std::string name = document["metadata"]["name"].as<std::string>("");
        if (author == written_by::cpg &&
            path != fs::path(place) / (name.substr(std::min<std::size_t>(4, name.size())) + ".yaml"))
            out.push_back(path.string() + ": holds the policy " + place + "/" + name);
        if (!selectors.emplace(std::pair(place, name), path.string()).second)
            out.push_back(path.string() + ": its name stands in another file too");
    }
    return out;
}

std::string joined(const std::vector<std::string>& faults) {
    std::string out;
    for (const std::string& fault : faults)
        out += fault + "\n";
    return out;
}

}  // namespace cpg::test

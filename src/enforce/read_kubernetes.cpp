// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>

#include "base/text.hpp"
#include "enforce/read_policies.hpp"
#include "policy/port_entry.hpp"

namespace cpg {

namespace {

constexpr std::string_view namespace_labels = "io.cilium.k8s.namespace.labels.";
constexpr long long highest_port = 65535;

// As cilium:pkg/k8s/network_policy.go turns a NetworkPolicy into rules of its own; what is refused is the API server's
// doing, as the agent checks nothing.
class kubernetes_reader {
  public:
    kubernetes_reader(judged_policy& to, reading& reading) : to_(to), reading_(reading) {}

    void read(const tree& spec) {
        reading_.expect_members(spec, {"podSelector", "policyTypes", "ingress", "egress"});
        label_selector subject;
        if (const tree* const found = reading_.mapping_in(spec, "podSelector"))
            subject = read_label_selector(*found, selector_dialect::kubernetes, reading_);
        subject.set_label({"k8s", std::string(namespace_label)}, to_.pod_namespace);
        to_.selectors.push_back(std::move(subject));
        to_.selects_nodes.push_back(false);
        const bool has_egress = read_rules(spec, "egress", direction::egress);
        const bool has_ingress = read_rules(spec, "ingress", direction::ingress);
        read_types(spec, has_ingress, has_egress);
    }

  private:
    // Without types the API server writes Ingress, and Egress where there are rules of it.
    void read_types(const tree& spec, bool has_ingress, bool has_egress) {
        bool ingress = false;
        bool egress = false;
        const auto* const types = reading_.list_in(spec, "policyTypes");
        if (types && types->size() > 2) reading_.refuse(spec, "policyTypes takes Ingress and Egress");
        for (std::size_t i = 0; types && i < types->size(); ++i) {
            const std::string text = reading_.string_of((*types)[i], "a policy type").value_or("");
            ingress = ingress || text == "Ingress";
            egress = egress || text == "Egress";
            if (text != "Ingress" && text != "Egress")
                reading_.refuse((*types)[i], "a policy type is Ingress or Egress, not " + json_quote(text));
        }
        if (!types || types->empty()) {
            ingress = true;
            egress = has_egress;
        }
        if (ingress && !has_ingress) add_nothing(spec, direction::ingress);
        if (egress && !has_egress) add_nothing(spec, direction::egress);
    }

    // Nobody is let in or out: default deny alone.
    void add_nothing(const tree& spec, direction direction) {
        to_.rules.push_back({.direction = direction, .peers = {}, .ports = {}, .line = reading_.line_of(spec)});
    }

    bool read_rules(const tree& spec, std::string_view name, direction direction) {
        const auto* const list = reading_.list_in(spec, name);
        if (!list) return false;
        for (const tree& each : *list)
            if (reading_.is_mapping(each, "a rule")) read_rule(each, direction);
        return !list->empty();
    }

    void read_rule(const tree& rule, direction direction) {
        const bool ingress = direction == direction::ingress;
        const std::string_view way = ingress ? "from" : "to";
        reading_.expect_members(rule, {way, "ports"});
        judged_rule out{.direction = direction, .peers = {}, .ports = {}, .line = reading_.line_of(rule)};
        const auto* const peers = reading_.list_in(rule, way);
        if (!peers || peers->empty())
            out.peers.push_back({.who = label_selector(), .text = "everybody", .line = out.line});
        else
            for (const tree& each : *peers)
                if (reading_.is_mapping(each, "a peer")) read_peer(each, out);
        const auto* const ports = reading_.list_in(rule, "ports");
        out.every_port = !ports || ports->empty();
        if (ports)
            for (const tree& each : *ports)
                if (reading_.is_mapping(each, "a port")) read_port(each, out);
        to_.rules.push_back(std::move(out));
    }

    void read_peer(const tree& peer, judged_rule& to) {
        reading_.expect_members(peer, {"podSelector", "namespaceSelector", "ipBlock"});
        const tree* const block = reading_.mapping_in(peer, "ipBlock");
        const tree* const pods = reading_.mapping_in(peer, "podSelector");
        const tree* const namespaces = reading_.mapping_in(peer, "namespaceSelector");
        if (block && (pods || namespaces))
            reading_.refuse(peer, "ipBlock goes without podSelector and namespaceSelector");
        if (peer.members.empty())
            reading_.refuse(peer, "a peer needs a podSelector, a namespaceSelector or an ipBlock");
        if (block) return read_block(*block, to);
        label_selector selector;
        if (pods) selector = read_label_selector(*pods, selector_dialect::kubernetes, reading_);
        std::string text = text_of(selector, "every pod");
        const bool has_cluster = selector.has_key({"k8s", std::string(cluster_label)});
        if (namespaces)
            text += " in " + add_namespaces(*namespaces, selector);
        else
            selector.set_label({"k8s", std::string(namespace_label)}, to_.pod_namespace);
        if (!has_cluster) selector.set_label({"k8s", std::string(cluster_label)}, std::string(own_cluster));
        to.peers.push_back({.who = std::move(selector), .text = text, .line = reading_.line_of(peer)});
    }

    // The agent puts both into one map of labels, the pods' last.
    std::string add_namespaces(const tree& namespaces, label_selector& to) {
        label_selector wanted =
            read_label_selector(namespaces, selector_dialect::kubernetes, reading_, namespace_labels);
        const std::string text = text_of(wanted, "every namespace");
        if (wanted.is_wildcard())
            wanted.add(
                {.key = {"k8s", std::string(namespace_label)}, .how = label_requirement::test::exists, .values = {}});
        for (const label_requirement& each : to.requirements())
            each.is_label ? wanted.set_label(each.key, each.values[0]) : wanted.add(each);
        to = std::move(wanted);
        return text;
    }

    static std::string text_of(const label_selector& selector, std::string_view none) {
        std::string out;
        for (const label_requirement& each : selector.requirements())
            out += (out.empty() ? "" : ", ") + describe(each);
        return out.empty() ? std::string(none) : out;
    }

    std::optional<cidr> prefix_of(const tree& at, const std::optional<std::string>& text) {
        const auto out = text && text->find('/') != std::string::npos ? parse_cidr(*text) : std::nullopt;
        if (!out) reading_.refuse(at, "an ipBlock needs a prefix such as 10.0.0.0/8");
        return out;
    }

    void read_block(const tree& block, judged_rule& to) {
        reading_.expect_members(block, {"cidr", "except"});
        const auto prefix = prefix_of(block, reading_.string_in(block, "cidr"));
        if (!prefix) return;
        prefix_peer peer{.prefix = *prefix, .except = {}};
        const auto* const except = reading_.list_in(block, "except");
        for (std::size_t i = 0; except && i < except->size(); ++i) {
            const tree& item = (*except)[i];
            const auto inner = prefix_of(item, reading_.string_of(item, "an exception"));
            if (!inner) continue;
            if (!contains(*prefix, *inner) || inner->prefix_bits <= prefix->prefix_bits)
                reading_.refuse(item, item.scalar + " must lie in the ipBlock and be smaller");
            peer.except.push_back(*inner);
        }
        to.peers.push_back(
            {.who = std::move(peer), .text = std::string(block.text_of("cidr")), .line = reading_.line_of(block)});
    }

    void read_port(const tree& entry, judged_rule& to) {
        reading_.expect_members(entry, {"port", "endPort", "protocol"});
        port_entry out{.protocols = {protocol_of(entry)}, .name = {}};
        const tree* const port = entry.find("port");
        const auto end = reading_.integer_in(entry, "endPort");
        if (!port) {
            out.all = true;
            if (end) reading_.refuse(entry, "endPort needs a port");
        } else if (port->is_scalar() && kind_of_scalar(*port) == scalar_kind::integer) {
            read_number(entry, end, out);
        } else {
            out.name = reading_.string_in(entry, "port").value_or("");
            if (!is_port_name(out.name) || out.name != lower(out.name))
                reading_.refuse(entry, json_quote(out.name) + " is no port and no name of one");
            if (end) reading_.refuse(entry, "endPort needs a number as the port");
        }
        to.ports.push_back({.ports = {std::move(out)}, .requests = {}, .line = reading_.line_of(entry)});
    }

    void read_number(const tree& entry, const std::optional<long long>& end, port_entry& to) {
        const long long first = reading_.integer_in(entry, "port").value_or(0);
        if (first < 1 || first > highest_port) return reading_.refuse(entry, std::to_string(first) + " is no port");
        if (end && (*end < first || *end > highest_port))
            return reading_.refuse(entry, "endPort is a port from " + std::to_string(first) + " on");
        to.first = static_cast<std::uint16_t>(first);
        to.last = static_cast<std::uint16_t>(end.value_or(first));
    }

    l4_protocol protocol_of(const tree& entry) {
        using enum l4_protocol;
        const std::string text = reading_.string_in(entry, "protocol").value_or("TCP");
        for (const l4_protocol each : {tcp, udp, sctp})
            if (text == to_string(each)) return each;
        reading_.refuse(entry, "the protocol is TCP, UDP or SCTP, not " + json_quote(text));
        return other;
    }

    judged_policy& to_;
    reading& reading_;
};

}  // namespace

void read_kubernetes_policy(const tree& document, judged_policy& out, reading& reading) {
    if (const tree* const spec = reading.mapping_in(document, "spec"))
        return kubernetes_reader(out, reading).read(*spec);
    // The API server takes it, with an empty selector and its defaults.
    kubernetes_reader(out, reading).read(tree::map({}));
}

}  // namespace cpg

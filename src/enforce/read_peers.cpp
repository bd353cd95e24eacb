// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "enforce/read_rule_parts.hpp"

namespace cpg {

namespace {

constexpr std::string_view namespace_labels = "io.cilium.k8s.namespace.labels.";

// As the CRD lists them; the agent knows two more (cilium:pkg/policy/api/entity.go).
constexpr std::array<std::string_view, 11> entities = {"all",    "world",   "cluster",       "host",
                                                       "init",   "ingress", "unmanaged",     "remote-node",
                                                       "health", "none",    "kube-apiserver"};

label_selector reserved(std::string_view name) {
    label_selector out;
    out.set_label({"reserved", std::string(name)}, "");
    return out;
}

std::vector<label_selector> selectors_of(std::string_view entity) {
    if (entity == "all") return {label_selector()};
    if (entity == "world") return {reserved("world"), reserved("world-ipv4"), reserved("world-ipv6")};
    if (entity != "cluster") return {reserved(entity)};
    std::vector<label_selector> out;
    for (const char* const each : {"host", "remote-node", "init", "ingress", "health", "unmanaged", "kube-apiserver"})
        out.push_back(reserved(each));
    out.emplace_back().set_label({"k8s", std::string(cluster_label)}, std::string(own_cluster));
    return out;
}

class peer_reader {
  public:
    peer_reader(direction direction, bool denies, const policy_place& place, reading& reading, rule_parts& parts)
        : way_(direction == direction::ingress ? "from" : "to"),
          denies_(denies),
          place_(place),
          reading_(reading),
          parts_(parts) {}

    void read(const tree& rule) {
        parts_.everybody = true;
        read_list(rule, "Endpoints", true, [&](const tree& each) { read_endpoint(each); });
        read_list(rule, "Nodes", true, [&](const tree& each) { read_node(each); });
        read_list(rule, "Entities", true, [&](const tree& each) { read_entity(each); });
        read_list(rule, "CIDR", true, [&](const tree& each) { read_prefix(each); });
        read_list(rule, "CIDRSet", true, [&](const tree& each) { read_prefix_set(each); });
        read_list(rule, "Groups", false, [&](const tree& each) { read_group(each); });
        if (way_ == "to") read_list(rule, "Services", false, [&](const tree& each) { read_service(each); });
        if (way_ == "to" && !denies_) read_list(rule, "FQDNs", false, [&](const tree& each) { read_name(each); });
        read_list(rule, "Requires", false,
                  [&](const tree& each) { reading_.refuse(each, way_ + "Requires is not supported any more"); });
        if (nobody_) parts_.peers.clear();
    }

  private:
    // Of some kinds a list without entries means nobody (cilium:pkg/policy/utils mergeEndpointSelectors).
    template <class Read>
    void read_list(const tree& rule, std::string_view name, bool empty_is_nobody, Read read_one) {
        const std::string member = way_ + std::string(name);
        const auto* const list = reading_.list_in(rule, member);
        if (!list) return;
        if (list->empty()) {
            nobody_ = nobody_ || empty_is_nobody;
            parts_.everybody = parts_.everybody && !empty_is_nobody;
            return;
        }
        if (!first_.empty()) reading_.refuse(rule, "a rule can't have both " + first_ + " and " + member);
        first_ = member;
        parts_.everybody = false;
        for (const tree& each : *list)
            read_one(each);
    }

    void add(const tree& at, auto who, std::string text) {
        parts_.peers.push_back({.who = std::move(who), .text = std::move(text), .line = reading_.line_of(at)});
    }

    // cilium:pkg/k8s/apis/cilium.io/utils getEndpointSelector.
    void read_endpoint(const tree& each) {
        if (!reading_.is_mapping(each, "a selector")) return;
        label_selector selector = read_label_selector(each, selector_dialect::cilium, reading_);
        const std::string text = text_of(selector);
        if (!selector.has_source("reserved")) {
            add_namespace(selector);
            add_cluster(selector);
        }
        add(each, std::move(selector), text);
    }

    static std::string text_of(const label_selector& selector) {
        std::string out;
        for (const label_requirement& each : selector.requirements())
            out += (out.empty() ? "" : ", ") + describe(each);
        return out.empty() ? "every pod" : out;
    }

    void add_namespace(label_selector& selector) const {
        const std::string key(namespace_label);
        if (selector.has_key({"k8s", key}) || selector.has_key({"any", key})) return;
        if (place_.clusterwide) {
            if (!place_.selects_init)
                selector.add({.key = {"k8s", key}, .how = label_requirement::test::exists, .values = {}});
        } else if (!selector.has_key_that_begins(namespace_labels)) {
            selector.set_label({"k8s", key}, std::string(place_.pod_namespace));
        }
    }

    static void add_cluster(label_selector& selector) {
        const std::string key(cluster_label);
        if (!selector.has_key({"k8s", key}) && !selector.has_key({"any", key}))
            selector.set_label({"k8s", key}, std::string(own_cluster));
    }

    void read_node(const tree& each) {
        if (!reading_.is_mapping(each, "a selector")) return;
        read_label_selector(each, selector_dialect::cilium, reading_);
        parts_.doubt = open_question::nodes;
        reading_.doubt(each, way_ + "Nodes needs enable-node-selector-labels, which is off by default");
        add(each, open_peer{.why = open_question::nodes, .world = false, .others = true}, "nodes by label");
    }

    void read_entity(const tree& each) {
        const auto name = reading_.string_of(each, "an entity");
        if (!name) return;
        if (std::ranges::find(entities, *name) == entities.end())
            return reading_.refuse(each, json_quote(*name) + " is no entity that a policy can name");
        for (label_selector& selector : selectors_of(*name))
            add(each, std::move(selector), "entity " + *name);
    }

    std::optional<cidr> prefix_of(const tree& value) {
        const auto text = reading_.string_of(value, "a prefix");
        if (!text) return std::nullopt;
        const std::size_t slash = text->find('/');
        const auto bits =
            slash == std::string::npos ? std::nullopt : parse_unsigned(std::string_view(*text).substr(slash + 1));
        const bool padded = slash != std::string::npos && text->size() > slash + 2 && (*text)[slash + 1] == '0';
        const auto out = parse_cidr(*text);
        if (out && bits && !padded) return out;
        if (text->starts_with("::ffff:") && bits)
            reading_.doubt(value, "an IPv4 address is better written as one: " + *text);
        else
            reading_.refuse(value, json_quote(*text) + " is no prefix such as 10.0.0.0/8");
        return std::nullopt;
    }

    void read_prefix(const tree& each) {
        if (const auto prefix = prefix_of(each)) add(each, prefix_peer{.prefix = *prefix, .except = {}}, each.scalar);
    }

    void read_prefix_set(const tree& each) {
        if (!reading_.is_mapping(each, "an entry of " + way_ + "CIDRSet")) return;
        reading_.expect_members(each, {"cidr", "cidrGroupRef", "cidrGroupSelector", "except"});
        const tree* const prefix = each.find("cidr");
        const tree* const reference = each.find("cidrGroupRef");
        const tree* const selector = each.find("cidrGroupSelector");
        if ((prefix != nullptr) + (reference != nullptr) + (selector != nullptr) != 1)
            return reading_.refuse(each, "an entry has one of cidr, cidrGroupRef and cidrGroupSelector");
        if (prefix) return read_set_of(*prefix, each);
        if (selector && reading_.mapping_in(each, "cidrGroupSelector"))
            read_label_selector(*selector, selector_dialect::cilium, reading_);
        if (reference) check_reference(*reference);
        add(each, open_peer{.why = open_question::cidr_group, .world = true, .others = false}, "a CIDR group");
    }

    void check_reference(const tree& reference) {
        const auto name = reading_.string_of(reference, "cidrGroupRef");
        if (name && !is_dns_subdomain(*name))
            reading_.refuse(reference, json_quote(*name) + " is no name of a CIDR group");
    }

    void read_set_of(const tree& prefix, const tree& each) {
        const auto outer = prefix_of(prefix);
        prefix_peer peer{.prefix = outer.value_or(cidr{}), .except = {}};
        std::string text = prefix.scalar;
        const auto* const except = reading_.list_in(each, "except");
        for (std::size_t i = 0; except && i < except->size(); ++i) {
            const tree& item = (*except)[i];
            const auto inner = prefix_of(item);
            if (!inner || !outer) continue;
            const cidr host{.address = inner->address, .prefix_bits = inner->address.v6 ? 128U : 32U};
            if (!contains(*outer, host)) reading_.refuse(item, item.scalar + " does not lie in " + prefix.scalar);
            peer.except.push_back(*inner);
            text += (i == 0 ? " except " : ", ") + item.scalar;
        }
        if (outer) add(each, std::move(peer), text);
    }

    void read_group(const tree& each) {
        if (!reading_.is_mapping(each, "an entry of " + way_ + "Groups")) return;
        parts_.doubt = open_question::groups;
        reading_.doubt(each, "the operator makes another policy of " + way_ + "Groups");
        add(each, open_peer{.why = open_question::groups, .world = true, .others = false}, "security groups");
    }

    void read_service(const tree& each) {
        if (!reading_.is_mapping(each, "an entry of toServices")) return;
        reading_.expect_members(each, {"k8sService", "k8sServiceSelector"});
        const tree* const selecting = reading_.mapping_in(each, "k8sServiceSelector");
        const tree* const selector = selecting ? reading_.mapping_in(*selecting, "selector") : nullptr;
        if (selecting && !selecting->find("selector"))
            reading_.refuse(*selecting, "k8sServiceSelector needs a selector");
        if (selector) read_label_selector(*selector, selector_dialect::cilium, reading_);
        const tree* const named = reading_.mapping_in(each, "k8sService");
        const std::string name = named ? reading_.string_in(*named, "serviceName").value_or("") : "";
        add(each, open_peer{.why = open_question::to_services, .world = true, .others = true},
            name.empty() ? "Services by label" : "the Service " + name);
    }

    void read_name(const tree& each) {
        if (const auto pattern = read_name_pattern(each, reading_)) add(each, *pattern, "the name " + pattern->text());
    }

    const std::string way_;
    const bool denies_;
    const policy_place& place_;
    reading& reading_;
    rule_parts& parts_;
    std::string first_;  ///< the L3 member that was there before
    bool nobody_ = false;
};

}  // namespace

std::optional<name_pattern> read_name_pattern(const tree& entry, reading& reading) {
    if (!reading.is_mapping(entry, "a name")) return std::nullopt;
    reading.expect_members(entry, {"matchName", "matchPattern"});
    const bool exact = entry.find("matchName");
    if (exact == (entry.find("matchPattern") != nullptr)) {
        reading.refuse(entry, "an entry has one of matchName and matchPattern");
        return std::nullopt;
    }
    const auto text = reading.string_in(entry, exact ? "matchName" : "matchPattern");
    if (!text) return std::nullopt;
    if (!is_name_to_match(*text, !exact)) {
        reading.refuse(entry, json_quote(*text) + " is no name that Cilium takes");
        return std::nullopt;
    }
    return exact ? name_pattern::exactly(*text) : name_pattern::of(*text);
}

void read_peers(const tree& rule, direction direction, bool denies, const policy_place& place, reading& reading,
                rule_parts& parts) {
    peer_reader(direction, denies, place, reading, parts).read(rule);
}

}  // namespace cpg

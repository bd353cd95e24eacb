// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <array>

#include "enforce/read_policies.hpp"
#include "enforce/read_rule_parts.hpp"
#include "policy/policy.hpp"

namespace cpg {

namespace {

struct section {
    std::string_view name;
    cpg::direction direction;
    bool denies;
};
constexpr std::array sections = {
    section{"ingress", direction::ingress, false}, section{"ingressDeny", direction::ingress, true},
    section{"egress", direction::egress, false}, section{"egressDeny", direction::egress, true}};

class spec_reader {
  public:
    spec_reader(judged_policy& to, reading& reading) : to_(to), reading_(reading) {}

    void read(const tree& spec) {
        reading_.expect_members(spec, {"description", "enableDefaultDeny", "endpointSelector", "nodeSelector", "labels",
                                       "log", "ingress", "ingressDeny", "egress", "egressDeny"});
        read_subject(spec);
        if (const tree* const wanted = reading_.mapping_in(spec, "enableDefaultDeny")) read_default_deny(*wanted);
        bool any = false;
        for (const section& each : sections)
            if (const auto* const list = reading_.list_in(spec, each.name)) {
                any = any || !list->empty();
                for (const tree& rule : *list)
                    if (reading_.is_mapping(rule, "a rule")) read_rule(rule, each);
            }
        if (!any) reading_.refuse(spec, "a spec needs a rule in ingress, ingressDeny, egress or egressDeny");
    }

  private:
    bool is_clusterwide() const { return to_.kind == policy_kind::cilium_clusterwide; }

    void read_subject(const tree& spec) {
        const bool endpoints = spec.find("endpointSelector");
        const bool nodes = spec.find("nodeSelector");
        if (endpoints == nodes) return reading_.refuse(spec, "a spec has either an endpointSelector or a nodeSelector");
        if (nodes && !is_clusterwide()) reading_.refuse(spec, "nodeSelector is for a CiliumClusterwideNetworkPolicy");
        const tree* const found = reading_.mapping_in(spec, endpoints ? "endpointSelector" : "nodeSelector");
        label_selector subject;
        if (found) subject = read_label_selector(*found, selector_dialect::cilium, reading_);
        selects_init_ = subject.has_key({"reserved", "init"});
        // It reflects to the policy's namespace alone (cilium:pkg/k8s/apis/cilium.io/utils ParseToCiliumRule).
        if (endpoints && !is_clusterwide()) subject.set_label({"k8s", std::string(namespace_label)}, to_.pod_namespace);
        to_.selectors.push_back(std::move(subject));
        to_.selects_nodes.push_back(nodes);
    }

    void read_default_deny(const tree& wanted) {
        reading_.expect_members(wanted, {"ingress", "egress"});
        deny_ingress_ = reading_.boolean_in(wanted, "ingress").value_or(true);
        deny_egress_ = reading_.boolean_in(wanted, "egress").value_or(true);
    }

    void read_rule(const tree& rule, const section& section) {
        if (to_.selectors.empty()) return;
        const bool ingress = section.direction == direction::ingress;
        judged_rule out{.direction = section.direction,
                        .denies = section.denies,
                        .default_deny = ingress ? deny_ingress_ : deny_egress_,
                        .selector = to_.selectors.size() - 1,
                        .line = reading_.line_of(rule)};
        const policy_place place = {.pod_namespace = to_.pod_namespace,
                                    .clusterwide = is_clusterwide(),
                                    .selects_init = selects_init_,
                                    .selects_nodes = to_.selects_nodes.back()};
        const rule_parts parts = read_rule_parts(rule, section.direction, section.denies, place, reading_);
        out.everybody = parts.everybody;
        out.peers = parts.peers;
        out.every_port = parts.every_port;
        out.ports = parts.ports;
        out.authentication = parts.authentication;
        if (parts.doubt != open_question::none) to_.doubt = parts.doubt;
        to_.rules.push_back(std::move(out));
    }

    judged_policy& to_;
    reading& reading_;
    bool deny_ingress_ = true;
    bool deny_egress_ = true;
    bool selects_init_ = false;
};

}  // namespace

void read_cilium_policy(const tree& document, judged_policy& out, reading& reading) {
    const tree* const spec = document.find("spec");
    const tree* const specs = document.find("specs");
    if (!spec && !specs) reading.refuse(document, "a policy needs a spec");
    if (spec && reading.is_mapping(*spec, "spec")) spec_reader(out, reading).read(*spec);
    if (const auto* const list = reading.list_in(document, "specs"))
        for (const tree& each : *list)
            if (reading.is_mapping(each, "an entry of specs")) spec_reader(out, reading).read(each);
}

}  // namespace cpg

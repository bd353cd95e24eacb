// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/default_deny.hpp"

#include <utility>
#include <vector>

#include "base/managed_by.hpp"
#include "policy/build_l7.hpp"
#include "policy/policy.hpp"
#include "policy/rule_tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

constexpr std::size_t spec_column = 2;  // of its members

std::vector<printed_item> dns_rules(std::string_view pod_namespace) {
    const dns_server server = usual_dns_server(pod_namespace);
    return rule_trees(direction::egress, rule{.peer = server.peer, .ports = dns_ports(server.port)});
}

// A rule without any member allows nothing: it is there because a spec without rules is refused, and because it is what
// turns the default deny on (cilium:examples/policies/l3/egress-default-deny).
tree nothing() {
    return tree::map({});
}

}  // namespace

std::string default_deny_text(std::string_view pod_namespace, denied_directions denied, bool allow_dns) {
    std::vector<tree::member> enabled;
    // The last members of the spec.
    std::string rules;
    if (denied.ingress) rules += emit_member("ingress", {{nothing()}}, spec_column);
    if (denied.egress) {
        std::vector<printed_item> egress = {{nothing()}};
        if (allow_dns)
            for (printed_item& each : dns_rules(pod_namespace))
                egress.push_back(std::move(each));
        enabled.emplace_back("egress", tree::boolean(true));
        rules += emit_member("egress", egress, spec_column);
    }
    if (denied.ingress) enabled.emplace_back("ingress", tree::boolean(true));
    const tree spec =
        tree::map({{"endpointSelector", tree::map({})}, {"enableDefaultDeny", tree::map(std::move(enabled))}});
    const tree metadata = tree::map({{"labels", tree::map({{std::string(managed_by_label), std::string(managed_by)}})},
                                     {"name", "default-deny"},
                                     {"namespace", std::string(pod_namespace)}});
    return emit_block(tree::map({{"apiVersion", "cilium.io/v2"},
                                 {"kind", "CiliumNetworkPolicy"},
                                 {"metadata", metadata},
                                 {"spec", spec}}),
                      0) +
           rules;
}

}  // namespace cpg

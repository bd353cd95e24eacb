// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/candidate.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "flow/l7_request.hpp"

namespace cpg {

namespace {

// The bare keys: Cilium reads them as the k8s: ones (cilium:pkg/k8s/apis/cilium.io/utils getEndpointSelector). Since
// 1.19 a selector without a cluster means the local one.
selector peer_selector(const candidate& of) {
    selector labels = of.peer->labels->selector;
    if (of.peer_namespace != of.subject_namespace) labels.emplace_back(namespace_label, of.peer_namespace);
    const std::string& own_cluster = of.subject->labels->cluster;
    const std::string& cluster = of.peer->labels->cluster;
    if (!cluster.empty() && !own_cluster.empty() && cluster != own_cluster) labels.emplace_back(cluster_label, cluster);
    std::ranges::sort(labels);
    return labels;
}

peer peer_of(const candidate& of) {
    peer out{.kind = of.kind, .labels = {}, .name = {}, .names = {}};
    if (of.kind == peer_kind::endpoint) out.labels = peer_selector(of);
    if (of.kind == peer_kind::entity) out.name = to_string(of.entity);
    if (of.kind == peer_kind::cidr) out.name = host_cidr(of.address);
    if (of.kind == peer_kind::fqdn)
        out.names = of.flow->l7 == l7_record::dns ? dns_names_of({&of.flow->dns_query, 1})
                                                  : dns_names_of(of.flow->destination_names);
    return out;
}

l7_match l7_match_of(const flow& flow) {
    if (flow.l7 == l7_record::http)
        return {.kind = l7_kind::http,
                .method = upper(flow.http_method),
                .value = path_pattern(http_target_of(flow.http_url).value())};
    if (flow.l7 == l7_record::dns)
        return {.kind = l7_kind::dns, .method = {}, .value = dns_name_of(flow.dns_query).value()};
    return {};
}

}  // namespace

rule_key rule_key_of(const candidate& of) {
    return {.direction = of.flow->direction,
            .peer = peer_of(of),
            .protocol = of.flow->protocol,
            .port = of.port,
            .l7 = l7_match_of(*of.flow)};
}

}  // namespace cpg

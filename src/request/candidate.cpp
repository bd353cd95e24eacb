// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/candidate.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace {

// The bare keys: Cilium reads them as the k8s: ones (cilium:pkg/k8s/apis/cilium.io/utils getEndpointSelector). Since
// 1.19 a selector without a cluster means the local one.
selector peer_selector(const candidate& candidate) {
    selector labels = candidate.peer->labels->selector;
    if (candidate.peer_namespace != candidate.subject_namespace)
        labels.emplace_back(namespace_label, candidate.peer_namespace);
    const std::string_view own_cluster = cluster_of(*candidate.subject);
    const std::string_view cluster = cluster_of(*candidate.peer);
    if (!cluster.empty() && !own_cluster.empty() && cluster != own_cluster) labels.emplace_back(cluster_label, cluster);
    std::ranges::sort(labels);
    return labels;
}

peer peer_of(const candidate& candidate) {
    peer out{.kind = candidate.kind, .labels = {}, .name = {}, .names = {}};
    if (candidate.kind == peer_kind::endpoint) out.labels = peer_selector(candidate);
    if (candidate.kind == peer_kind::entity) out.name = to_string(candidate.entity);
    if (candidate.kind == peer_kind::cidr) out.name = host_cidr(candidate.address);
    if (candidate.kind == peer_kind::fqdn)
        out.names = candidate.flow->l7 == l7_record::dns ? dns_names_of({&candidate.flow->dns_query, 1})
                                                         : dns_names_of(candidate.flow->destination_names);
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

rule_key rule_key_of(const candidate& candidate) {
    return {.direction = candidate.direction,
            .peer = peer_of(candidate),
            .protocol = candidate.flow->protocol,
            .port = candidate.port,
            .l7 = l7_match_of(*candidate.flow)};
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/candidate.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "request/dns_server.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace {

l7_match l7_match_of(const flow& flow) {
    if (flow.l7 == l7_record::http)
        return l7_match::http(upper(flow.http_method), path_pattern(http_target_of(flow.http_url).value()));
    if (flow.l7 == l7_record::dns) return l7_match::dns(dns_name_of(flow.dns_query).value());
    return {};
}

rule_key rule_key_with(const candidate& candidate, peer peer) {
    const bool is_query = candidate.flow->l7 == l7_record::dns;
    return {.direction = candidate.direction,
            .peer = std::move(peer),
            .protocol = candidate.flow->protocol,
            // Whatever port its server listens on: the rule of a name is about port 53.
            .port = is_query ? dns_port : candidate.port,
            .l7 = l7_match_of(*candidate.flow)};
}

}  // namespace

selector peer_selector(const candidate& candidate) {
    selector labels = candidate.peer->labels->selector;
    add_place(labels, {.pod_namespace = candidate.peer_namespace, .cluster = cluster_of(*candidate.peer)},
              {.pod_namespace = candidate.subject_namespace, .cluster = cluster_of(*candidate.subject)});
    return labels;
}

// The bare keys: Cilium reads them as the k8s: ones (cilium:pkg/k8s/apis/cilium.io/utils getEndpointSelector). Since
// 1.19 a selector without a cluster means the local one.
void add_place(selector& labels, const pod_place& of, const pod_place& seen_from) {
    if (of.pod_namespace != seen_from.pod_namespace) labels.emplace_back(namespace_label, of.pod_namespace);
    if (!of.cluster.empty() && !seen_from.cluster.empty() && of.cluster != seen_from.cluster)
        labels.emplace_back(cluster_label, of.cluster);
    std::ranges::sort(labels);
}

peer peer_of(const candidate& candidate, peer_kind kind) {
    switch (kind) {
        case peer_kind::endpoint: return peer::endpoint(peer_selector(candidate));
        case peer_kind::entity: return peer::entity(std::string(to_string(candidate.entity)));
        case peer_kind::cidr: return peer::cidr(host_cidr(candidate.address));
        case peer_kind::fqdn: return peer::fqdn(dns_names_of({&candidate.flow->dns_query, 1}));
    }
    return {};
}

rule_key rule_key_of(const candidate& candidate) {
    return rule_key_with(candidate, peer_of(candidate, candidate.kind));
}

rule_key rule_key_of(const candidate& candidate, shared_selector peer_labels) {
    return rule_key_with(candidate, peer::endpoint(std::move(peer_labels)));
}

}  // namespace cpg

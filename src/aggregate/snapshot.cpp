// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/snapshot.hpp"

namespace cpg {

namespace {

// An answer tells what its query was for; what Hubble shows is what the agent itself learned.
address_names names_of_addresses(const workload& of) {
    address_names out;
    for (const auto& [address, known] : of.known_as)
        if (const auto& names = known.shown.empty() ? known.answered : known.shown; !names.empty())
            out[host_cidr(address)] = names;
    return out;
}

// Those of the workload itself stand in `rules` too, but for the servers of its queries.
name_service names_of(const workload_key& key, const workload& of, const name_knowledge& all_names) {
    name_service out{.servers = of.servers, .by = told_by::workload};
    out.addresses = names_of_addresses(of);
    if (const std::string domain = all_names.domain_of(of.cluster); !domain.empty()) out.domains[domain] = 0;
    for (const auto& [peer, pods] : of.server_pods)
        out.server_labels[peer] = pods.labels();
    if (!of.servers.empty()) return out;
    const auto* const near = all_names.servers_of_namespace(of.cluster, key.pod_namespace);
    const auto* const far = all_names.servers_of_cluster(of.cluster);
    out.by = near ? told_by::its_namespace : far ? told_by::its_cluster : told_by::nobody;
    if (near || far)
        for (const dns_server_place& each : near ? *near : *far)
            out.servers.insert(server_for(each, key.pod_namespace, of.cluster));
    return out;
}

}  // namespace

void add_domains(name_knowledge& to, const workload& of) {
    for (const auto& [cluster, domain] : of.domains)
        to.add_domain(cluster, domain);
}

workload_snapshot snapshot_of(const workload_key& key, const workload& of, const name_knowledge& all_names,
                              bool counts) {
    workload_snapshot out;
    out.key = key;
    out.name = of.name;
    out.common_labels = of.pods.labels();
    out.differing_labels = of.pods.differing();
    for (const auto& [label, value] : key.selector)
        out.differing_labels.erase(label);
    out.names = names_of(key, of, all_names);
    out.rules_changed = of.rules_changed;
    out.too_many_rules = of.too_many_rules;
    for (const rule_map::entry* const each : of.rules.sorted())
        out.rules.emplace_hint(out.rules.end(), each->key.get(), counts ? each->state.evidence() : rule_tally{});
    return out;
}

}  // namespace cpg

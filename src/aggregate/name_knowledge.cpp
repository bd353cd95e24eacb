// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/name_knowledge.hpp"

#include <algorithm>

#include "base/keep_first.hpp"
#include "base/limits.hpp"
#include "request/cluster_domain.hpp"

namespace cpg {

namespace {

template <class Key>
void add_to(std::map<Key, std::set<dns_server_place>>& all, const Key& key, const dns_server_place& server) {
    std::set<dns_server_place>& known = all[key];
    known.insert(server);
    keep_first(known, limits::dns_servers);
    keep_first(all, limits::names);
}

template <class Key>
const std::set<dns_server_place>* find_in(const std::map<Key, std::set<dns_server_place>>& all, const Key& key) {
    const auto found = all.find(key);
    return found == all.end() ? nullptr : &found->second;
}

}  // namespace

void name_knowledge::add_server(const std::string& cluster, const std::string& pod_namespace,
                                const dns_server_place& server) {
    add_server_of_namespace({cluster, pod_namespace}, server);
    add_server_of_cluster(cluster, server);
}

void name_knowledge::add_server_of_namespace(const place& place, const dns_server_place& server) {
    add_to(of_namespaces_, place, server);
}

void name_knowledge::add_server_of_cluster(const std::string& cluster, const dns_server_place& server) {
    add_to(of_clusters_, cluster, server);
}

void name_knowledge::shed_surplus() {
    keep_first(domains_, limits::names);
}

void name_knowledge::add(const name_knowledge& other) {
    for (const auto& [where, servers] : other.of_namespaces_)
        for (const dns_server_place& each : servers)
            add_to(of_namespaces_, where, each);
    for (const auto& [where, servers] : other.of_clusters_)
        for (const dns_server_place& each : servers)
            add_to(of_clusters_, where, each);
    for (const auto& [at, workloads] : other.domains_)
        domains_[at] += workloads;
    shed_surplus();
}

const std::set<dns_server_place>* name_knowledge::servers_of_namespace(const std::string& cluster,
                                                                       const std::string& pod_namespace) const {
    return find_in(of_namespaces_, {cluster, pod_namespace});
}

const std::set<dns_server_place>* name_knowledge::servers_of_cluster(const std::string& cluster) const {
    return find_in(of_clusters_, cluster);
}

// Another domain of the search list may look the same where a service is asked for that is not there, but never as
// often. One pod alone must not make a whole top-level domain the cluster's.
std::string name_knowledge::domain_among(const std::map<std::string, std::size_t>& shown) {
    std::string best;
    std::size_t most = 0;
    for (const auto& [domain, workloads] : shown) {
        const bool is_certain = domain.find('.') != std::string::npos || workloads > 1;
        const bool wins = workloads > most || (workloads == most && domain == usual_cluster_domain);
        if (!is_certain || !wins) continue;
        best = domain;
        most = workloads;
    }
    return best;
}

// The clusters of a mesh mostly have one domain: where one shows none, what the others show is nearer than a guess.
std::string name_knowledge::domain_of(const std::string& cluster) const {
    std::map<std::string, std::size_t> own;
    std::map<std::string, std::size_t> all;
    for (const auto& [at, workloads] : domains_) {
        if (at.first == cluster) own[at.second] += workloads;
        all[at.second] += workloads;
    }
    const std::string found = domain_among(own);
    return found.empty() ? domain_among(all) : found;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which DNS servers the pods of a namespace and of a cluster ask, and what the cluster's domain is: for workloads whose
// own flows do not tell. Sets that keep what is first in order, and counts, so the order of the flows does not matter.
// Each shard has one, and a flush adds them up. One thread at a time.

#include <map>
#include <set>
#include <string>
#include <utility>

#include "request/dns_server.hpp"

namespace cpg {

class name_knowledge {
  public:
    using place = std::pair<std::string, std::string>;  ///< cluster and namespace

    /// `cluster` and `pod_namespace` are those of the pod that asked.
    void add_server(const std::string& cluster, const std::string& pod_namespace, const dns_server_place& server);
    /// One more workload of the cluster shows the domain.
    void add_domain(const std::string& cluster, const std::string& domain) { ++domains_[{cluster, domain}]; }
    /// What of_namespaces() and of_clusters() of another one gave.
    void add_server_of_namespace(const place& place, const dns_server_place& server);
    void add_server_of_cluster(const std::string& cluster, const dns_server_place& server);
    /// To be called when all domains are there: counts are complete only then.
    void shed_surplus();
    void add(const name_knowledge& other);

    /// Null where none is known.
    const std::set<dns_server_place>* servers_of_namespace(const std::string& cluster,
                                                           const std::string& pod_namespace) const;
    const std::set<dns_server_place>* servers_of_cluster(const std::string& cluster) const;
    /// What most workloads of the cluster show, else what most of all show; empty where none is shown.
    std::string domain_of(const std::string& cluster) const;

    const std::map<place, std::set<dns_server_place>>& of_namespaces() const { return of_namespaces_; }
    const std::map<std::string, std::set<dns_server_place>>& of_clusters() const { return of_clusters_; }

    bool operator==(const name_knowledge&) const = default;

  private:
    static std::string domain_among(const std::map<std::string, std::size_t>& shown);

    std::map<place, std::set<dns_server_place>> of_namespaces_;
    std::map<std::string, std::set<dns_server_place>> of_clusters_;
    std::map<place, std::size_t> domains_;  ///< by cluster and domain: workloads
};

}  // namespace cpg

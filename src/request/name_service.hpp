// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Who answers a workload's queries, which names are the cluster's own, and which names addresses have. Values; any
// thread.

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "request/dns_server.hpp"

namespace cpg {

/// Whose flows tell the servers, the best first.
enum class told_by : std::uint8_t { workload, its_namespace, its_cluster, nobody };

/// Names that were given together, sorted.
using name_list = std::vector<std::string>;
/// Names of addresses, these as `/32` or `/128`: what each connection was shown with, and each answer.
using address_names = std::map<std::string, std::set<name_list>, std::less<>>;

struct name_service {
    std::set<dns_server> servers = {};  ///< none where nobody tells
    told_by by = told_by::nobody;
    /// The cluster's domains, each with the most labels that a name below it may have to be asked for. 0: no such name
    /// is known to be needed.
    std::map<std::string, std::size_t> domains = {};
    bool queried = false;          ///< queries of the workload were seen
    address_names addresses = {};  ///< that the workload connects to
    /// What every pod seen of a server has, by its peer: a person may have selected it by other labels.
    std::map<peer, selector> server_labels = {};

    bool operator==(const name_service&) const = default;
};

/// The servers that are told better; those of both where they are told alike. All domains and addresses.
name_service united(const name_service& a, const name_service& b);

}  // namespace cpg

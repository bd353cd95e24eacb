// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a session knows of one workload: the rules that its flows ask for, with counts, times and samples. Only sums,
// sets, minima and maxima, so the same flows in any order make the same workload. One thread at a time.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "aggregate/common_labels.hpp"
#include "aggregate/rule_map.hpp"
#include "flow/address.hpp"
#include "flow/labels.hpp"
#include "request/name_service.hpp"
#include "request/rule_key.hpp"
#include "request/rule_tally.hpp"

namespace cpg {

/// Names a workload: two workloads are the same only when namespace and whole selector are, and the cluster where those
/// are kept apart.
struct workload_key {
    std::string cluster = {};  ///< empty: of whatever cluster
    std::string pod_namespace;
    cpg::selector selector;

    auto operator<=>(const workload_key&) const = default;
};

/// Which workloads a flush is about. The evidence of a busy workload changes all the time, its rules seldom.
enum class flush_scope : std::uint8_t {
    new_rules,   ///< those with rules that they did not have before, without evidence
    any_change,  ///< those of which anything has changed since their evidence was taken
    everything,
    last,  ///< everything, for good: the samples are let go of, the rules and their counts stay
};

constexpr bool brings_all(flush_scope scope) {
    return scope == flush_scope::everything || scope == flush_scope::last;
}

/// A workload as it stands at a flush.
struct workload_snapshot {
    workload_key key;
    std::string name;  ///< RFC 1123, from the selector alone
    selector common_labels;
    std::set<std::string_view> differing_labels;  ///< of common_labels::differing(), those that do not select
    std::map<rule_key, rule_tally> rules;
    name_service names;
    bool rules_changed = false;   ///< since the last snapshot of any scope; or the labels that its pods have in common
    bool too_many_rules = false;  ///< those last in order were left out
};

/// For people: `namespace/name`, behind their cluster where that tells workloads apart.
std::string full_name(const workload_snapshot& workload);

/// What an address is known as.
struct known_names {
    std::set<name_list> shown;     ///< by Hubble, with a connection
    std::set<name_list> answered;  ///< to queries of the workload
};

struct workload {
    std::string name;
    common_labels pods;
    rule_map rules;
    std::string cluster;           ///< the first in order, of those that its pods are in
    std::set<dns_server> servers;  ///< that it asked
    std::map<peer, common_labels> server_pods;
    std::set<std::pair<std::string, std::string>> domains;  ///< of clusters, by which its queries show
    std::map<address, known_names> known_as;
    bool has_names = false;      ///< some of its rules are about names
    bool rules_changed = false;  ///< since it was last taken
    bool changed = false;        ///< since its evidence was last taken
    bool too_many_rules = false;
};

/// Cluster domains that are kept of a workload: a few, so that none makes up domains without end.
inline constexpr std::size_t most_domains = 4;

/// Adds what another part of the capture has of the same workload. Of rules, those last in order are left out where
/// there are more than `most_rules`; at most `most_samples` are kept of each.
void add(workload& to, const workload& from, std::size_t most_samples, std::size_t most_rules);

/// Those last in order go.
void shed_rules(workload& of, std::size_t most_rules);

/// Unlike hash_of_text(), the same on every machine: which share a workload is in decides what goes where there are too
/// many.
std::size_t share_of(std::string_view pod_namespace, const selector& labels);
/// The same of the pods with these labels, told without reading them where they name the namespace too.
std::size_t share_of(std::string_view pod_namespace, const label_set& of);

/// Workloads are bounded by share, each of which is in one shard, so that the number of shards does not matter.
inline constexpr std::size_t workload_shares = 64;

}  // namespace cpg

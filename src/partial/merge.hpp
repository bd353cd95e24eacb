// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds parts up, a workload at a time: of each part no more is in memory than the workload at hand. Blocking; one
// thread. Errors are fatal_error.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aggregate/aggregator.hpp"
#include "partial/part.hpp"
#include "partial/part_reader.hpp"
#include "partial/part_writer.hpp"

namespace cpg {

/// What a workload would be called, were it the only one: its file, and its policy.
struct plain_name {
    std::string cluster;
    std::string pod_namespace;
    std::string name;

    auto operator<=>(const plain_name&) const = default;
};
plain_name plain_name_of(const workload_key& key, const workload& of);

/// What has to be known of all workloads before the policy of one can be made.
struct merged_knowledge {
    name_knowledge names;
    /// Workloads that have rules, by cluster, namespace and plain name: those that share one are written together.
    std::map<plain_name, std::size_t> namesakes;

    void add(const workload_key& key, const workload& of);
};

/// Writes the part of what one session has added up, which goes by shards.
void write_part(part_writer& to, part_header header, const std::vector<const aggregator*>& shards);

/// Adds up the parts in these files, of which `-` is standard input, and writes the sum. `knowledge` may be null.
part_header merge_parts(const std::vector<std::string>& paths, part_writer& to, merged_knowledge* knowledge);

}  // namespace cpg

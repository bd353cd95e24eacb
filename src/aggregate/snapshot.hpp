// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From the sums of a workload to what policies and evidence are made of. What it takes of other workloads is given.
// Pure; any thread.

#include "aggregate/name_knowledge.hpp"
#include "aggregate/workload.hpp"

namespace cpg {

/// Counts the workload for the domains that its queries show.
void add_domains(name_knowledge& to, const workload& of);

/// The workload as it stands. `all_names` is what all workloads of the session tell of servers and domains; without
/// `counts`, rules are without counts, times and samples.
workload_snapshot snapshot_of(const workload_key& key, const workload& of, const name_knowledge& all_names,
                              bool counts);

}  // namespace cpg

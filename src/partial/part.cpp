// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/part.hpp"

#include "base/keep_first.hpp"
#include "base/limits.hpp"

namespace cpg {

void part_inputs::add(const part_inputs& other) {
    if (count == 0 || (other.count > 0 && other.first < first)) first = other.first;
    count += other.count;
}

void part_totals::add(const part_totals& other) {
    parts += other.parts;
    inputs.add(other.inputs);
    counts.add(other.counts);
    findings.add(other.findings);
    lines += other.lines;
    malformed += other.malformed;
    other_events += other.other_events;
    for (const auto& [source, events] : other.lost_by_source)
        lost_by_source[source] += events;
    add_first(unavailable_nodes, other.unavailable_nodes, limits::names);
    add_first(pods, other.pods, limits::workloads);
    servers.add(other.servers);
}

}  // namespace cpg

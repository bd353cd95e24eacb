// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A part: what is known of some of the captures of a fleet, to be added up with others by `cpg combine`. A text of JSON
// lines: a header, one line a workload in the order of their keys, and a last line that shows that none is missing.
// Values; any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aggregate/name_knowledge.hpp"
#include "classify/gates.hpp"
#include "classify/triage.hpp"
#include "evidence/known_pods.hpp"
#include "flow/labels.hpp"

namespace cpg {

/// Of the format, and of what it means: parts of another one are refused.
inline constexpr std::uint64_t part_schema_version = 1;

/// All flags that decide what is in a part. Parts that differ in one are not added up.
struct part_options {
    gate_settings gates;
    selecting_keys select_by = default_selecting_keys();
    bool evidence = true;
    std::size_t samples = 0;  ///< of each rule
    bool by_cluster = false;  ///< a workload is of one cluster
};

/// Where flows came from, as evidence names it.
struct part_inputs {
    std::string first;        ///< in order
    std::uint64_t count = 0;  ///< files, or other inputs

    void add(const part_inputs& other);
};

/// What does not belong to a workload.
struct part_totals {
    std::uint64_t parts = 0;  ///< that were made from captures
    part_inputs inputs;
    triage_counts counts;
    triage_findings findings;
    std::uint64_t lines = 0;
    std::uint64_t malformed = 0;
    std::uint64_t other_events = 0;
    std::map<std::string, std::uint64_t> lost_by_source;
    std::set<std::string> unavailable_nodes;
    known_pods pods;         ///< for evidence
    name_knowledge servers;  ///< without domains, which the workloads have

    void add(const part_totals& other);
};

struct part_header {
    std::string cpg_version;
    part_options options;
    part_totals totals;
};

struct part_end {
    std::uint64_t workloads = 0;
    bool too_many_workloads = false;  ///< those last in order were left out
};

/// An option in which two parts differ, and what it is in each.
struct option_difference {
    std::string option;  ///< `--namespace`
    std::string first;
    std::string second;
};
std::optional<option_difference> difference_of(const part_options& first, const part_options& second);

// Lines of a part, without a line break. Reading throws part_error.
std::string header_line(const part_header& header);
part_header read_header(std::string_view line);
std::string end_line(const part_end& end);
/// Nothing for a line that is of a workload.
std::optional<part_end> read_end(std::string_view line);

}  // namespace cpg

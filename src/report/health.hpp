// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The drops that no policy mends, for people (a block on stdout) and for machines (cluster-health.json). Pure; any
// thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cpg {

/// Flows dropped for one infra or transient reason.
struct health_drop {
    std::string reason;
    bool infra = false;  ///< else transient
    std::string hint;    ///< a page of documentation, or empty
    std::uint64_t count = 0;
    std::map<std::string, std::uint64_t> by_node;
    std::map<std::string, std::uint64_t> by_workload;
};

struct health_report {
    std::string classifier_version;
    std::int64_t started_ns = 0;
    std::int64_t ended_ns = 0;
    std::uint64_t flows_seen = 0;
    std::vector<health_drop> drops;

    std::uint64_t infra_total() const;
};

/// cluster-health.json, schema version 1; drops sorted by reason.
std::string health_json(const health_report& report);
/// The block: infra before transient, most flows first. `file` is what stands behind `cluster-health.json: `.
std::string health_block(const health_report& report, std::string_view file);

}  // namespace cpg

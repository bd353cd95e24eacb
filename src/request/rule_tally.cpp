// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/rule_tally.hpp"

#include <tuple>

namespace cpg {

namespace {

auto parts(const flow_sample& sample) {
    return std::tie(sample.time_ns, *sample.source, *sample.destination, sample.source_port, sample.port,
                    sample.protocol, sample.drop_reason, sample.event_type, sample.verdict);
}

}  // namespace

std::strong_ordering operator<=>(const flow_sample& a, const flow_sample& b) {
    if (a.time_ns != b.time_ns) return a.time_ns <=> b.time_ns;
    return parts(a) <=> parts(b);
}

bool operator==(const flow_sample& a, const flow_sample& b) {
    return parts(a) == parts(b);
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/evidence.hpp"

#include <tuple>

namespace cpg {

namespace {

auto parts(const sample& of) {
    return std::tie(of.time_ns, *of.source, *of.destination, of.source_port, of.port, of.protocol, of.drop_reason,
                    of.event_type);
}

}  // namespace

std::strong_ordering operator<=>(const sample& a, const sample& b) {
    if (a.time_ns != b.time_ns) return a.time_ns <=> b.time_ns;
    return parts(a) <=> parts(b);
}

bool operator==(const sample& a, const sample& b) {
    return parts(a) == parts(b);
}

}  // namespace cpg

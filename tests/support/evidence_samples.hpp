// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Evidence for the tests of this folder.

#include "evidence/document.hpp"

namespace cpg::test {

inline constexpr std::int64_t second_ns = 1'000'000'000;
/// 2026-04-24T14:00:00Z
inline constexpr std::int64_t afternoon_ns = 1'777'039'200 * second_ns;

inline rule_key from_frontend(std::uint16_t port = 8080) {
    return {.direction = direction::ingress,
            .peer = peer::endpoint({{"app", "frontend"}}),
            .protocol = l4_protocol::tcp,
            .port = port,
            .l7 = {}};
}

inline rule_key to_cidr(std::string cidr) {
    return {.direction = direction::egress,
            .peer = peer::cidr(std::move(cidr)),
            .protocol = l4_protocol::udp,
            .port = 123,
            .l7 = {}};
}

inline std::shared_ptr<const sample_endpoint> end(sample_endpoint values) {
    return std::make_shared<const sample_endpoint>(std::move(values));
}

inline flow_sample sample_at(std::int64_t time_ns) {
    return {.time_ns = time_ns,
            .source = end({.pod_namespace = "default", .workload = "frontend", .pod = "frontend-1", .ip = "10.0.0.1"}),
            .destination = end({.pod_namespace = "prod", .workload = "api", .pod = "api-1", .ip = "10.0.0.2"}),
            .drop_reason = "POLICY_DENIED",
            .source_port = 40000,
            .port = 8080,
            .event_type = 5,
            .protocol = l4_protocol::tcp,
            .verdict = verdict::dropped};
}

/// `count` flows, one a second from `from_ns`.
inline rule_tally flows(std::uint64_t count, std::int64_t from_ns) {
    rule_tally out{.flow_count = count,
                   .first_seen_ns = from_ns,
                   .last_seen_ns = from_ns + (static_cast<std::int64_t>(count) - 1) * second_ns,
                   .samples = {}};
    for (std::uint64_t i = count; i > 0; --i)
        out.samples.push_back(sample_at(from_ns + static_cast<std::int64_t>(i - 1) * second_ns));
    return out;
}

inline evidence_session session_at(std::int64_t started_ns, const std::string& id) {
    return {.id = id,
            .started_ns = started_ns,
            .ended_ns = started_ns + 780 * second_ns,
            .cpg_version = "1.0.0",
            .source = {.type = "replay", .file = "capture.jsonl", .server = {}},
            .flows_ingested = 100,
            .flows_unhandled = 7};
}

inline evidence_document empty_evidence() {
    return {.policy_name = "cpg-api", .pod_namespace = "prod", .workload = "api", .sessions = {}, .rules = {}};
}

}  // namespace cpg::test

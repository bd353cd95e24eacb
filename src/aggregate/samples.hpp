// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The newest flows behind a rule, kept so that the same flows in any order leave the same samples. One thread at a
// time.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "flow/flow.hpp"

namespace cpg {

/// An end of a sampled flow.
struct sample_endpoint {
    std::string pod_namespace;
    std::string workload;
    std::string pod;
    std::string ip;

    auto operator<=>(const sample_endpoint&) const = default;
};

/// A flow as evidence keeps it. Ordered by time, then by everything else.
struct sample {
    std::int64_t time_ns = 0;
    sample_endpoint source;
    sample_endpoint destination;
    std::uint32_t source_port = 0;
    std::uint32_t port = 0;           ///< for ICMP the type
    l4_protocol protocol = l4_protocol::none;
    std::string drop_reason;
    std::uint32_t event_type = 0;

    auto operator<=>(const sample&) const = default;
};

class newest_samples {
  public:
    /// `most` of each kind of event are kept, so that the twin of a sample is there to be recognised.
    explicit newest_samples(std::size_t most) : most_(most) {}

    void add(const flow& flow, std::string_view drop_reason, std::uint32_t port);
    /// Newest first, at most `most`, each packet once.
    std::vector<sample> list() const;

  private:
    void add_to(std::vector<sample>& heap, const flow& flow, std::string_view drop_reason, std::uint32_t port);

    std::size_t most_;
    std::vector<sample> verdicts_;   ///< heaps with the oldest in front
    std::vector<sample> others_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How many packets were denied. Cilium emits two events for one denied packet, a policy verdict and a drop, and either
// may be missing (cilium:pkg/hubble/parser/threefour/parser.go): a connection's packets are the larger of its two
// counts, not their sum. Counts are sums, so the order of the events does not matter. One thread at a time.

#include <array>
#include <cstdint>
#include <vector>

namespace cpg {

class packet_count {
  public:
    /// Beyond this many connections the counts are kept by node, which may be too low where a node lost events of both
    /// kinds. Which of the two it is depends on the events alone, never on their order. A rule takes at most 1.5 KiB
    /// until then.
    static constexpr std::size_t most_connections = 48;

    /// `event` is the flow's event type; any but a verdict and a drop stands for a packet of its own.
    /// `times`: how many of them an exporter has made one of.
    void add(std::uint64_t connection, std::uint64_t node, std::uint32_t event, std::uint64_t times = 1);
    std::uint64_t total() const;

  private:
    // The larger of drops and verdicts is the verdicts and what there are more of drops.
    struct entry {
        std::uint64_t place = 0;      ///< hash of the connection, later of the node
        std::int64_t more_drops = 0;  ///< drops less verdicts
        std::uint32_t node = 0;       ///< of its hash, enough to tell nodes apart
        bool used = false;
    };

    entry& entry_of(std::uint64_t place, std::uint32_t node);
    void insert(const entry& added);
    void rebuild(std::size_t slots);

    std::vector<entry> slots_;
    std::uint32_t used_ = 0;
    bool by_node_ = false;
    std::uint64_t counted_ = 0;  ///< verdicts, and events of other kinds
};

}  // namespace cpg

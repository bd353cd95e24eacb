// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How many packets were denied. Cilium emits two events for one denied packet, a policy verdict and a drop, and either
// may be missing (cilium:pkg/hubble/parser/threefour/parser.go): a connection's packets are the larger of its two
// counts, not their sum. Counts are sums, so the order of the events does not matter. One thread at a time.

#include <array>
#include <compare>
#include <cstdint>
#include <vector>

namespace cpg {

/// What there are more of drops than of verdicts, of one connection or node.
struct packet_surplus {
    std::uint64_t place = 0;  ///< lasting hash of the connection; by node, of the node
    std::uint32_t node = 0;   ///< of its lasting hash, enough to tell nodes apart
    std::int64_t drops = 0;   ///< drops less verdicts

    auto operator<=>(const packet_surplus&) const = default;
};

/// All that a count knows: those of two parts of a capture add up to that of both, also where the two events of a
/// packet are in different parts.
struct packet_sums {
    std::uint64_t counted = 0;  ///< verdicts, and events of other kinds
    bool by_node = false;
    std::vector<packet_surplus> places;  ///< sorted; by connection at most packet_count::most_connections

    bool operator==(const packet_sums&) const = default;
};

class packet_count {
  public:
    /// Beyond this many connections the counts are kept by node, which may be too low where a node lost events of both
    /// kinds. Which of the two it is depends on the events alone, never on their order. A rule takes at most 1.5 KiB
    /// until then.
    static constexpr std::size_t most_connections = 48;

    /// `event` is the flow's event type; any but a verdict and a drop stands for a packet of its own.
    /// `times`: how many of them an exporter has made one of.
    void add(std::uint64_t connection, std::uint64_t node, std::uint32_t event, std::uint64_t times = 1);
    /// Lets the processor fetch what add() will look at.
    void expect(std::uint64_t connection, std::uint64_t node) const;
    void add(const packet_sums& other);
    std::uint64_t total() const;
    packet_sums sums() const;

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
    void count_by_node();
    void rebuild(std::size_t slots);

    std::vector<entry> slots_;
    std::uint32_t used_ = 0;
    bool by_node_ = false;
    std::uint64_t counted_ = 0;  ///< verdicts, and events of other kinds
};

}  // namespace cpg

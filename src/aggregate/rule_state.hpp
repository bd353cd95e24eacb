// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a session knows of one rule: counts, times and samples, as sums that no order can change. One thread at a time.

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aggregate/packet_count.hpp"
#include "aggregate/pods_seen.hpp"
#include "aggregate/samples.hpp"
#include "request/rule_tally.hpp"

namespace cpg {

/// The labels of the pods at the ends of a rule's flows, see pod_labels(); those first in order.
struct pods_of_ends {
    std::set<std::string> subjects;
    std::set<std::string> peers;

    void add(const pods_of_ends& other);
};

/// All that is known of one rule, as a value.
struct rule_sums {
    packet_sums packets;
    std::int64_t first_seen_ns = 0;  ///< 0: no flow had a time
    std::int64_t last_seen_ns = 0;
    std::vector<flow_sample> samples;  ///< of each kind of event as many as are kept; newest first
    pods_of_ends pods;                 ///< none without samples
};

/// Which of a rule's packets a flow tells of, by lasting hashes.
struct packet_place {
    std::uint64_t connection = 0;
    std::uint64_t node = 0;
};

packet_place packet_place_of(const flow& flow);

/// The running sums of one rule.
class rule_state {
  public:
    explicit rule_state(std::size_t most_samples) : samples_(most_samples) {}

    /// What another part of the capture has of the rule.
    void add(const rule_sums& other);
    rule_sums sums() const;

    /// Lets the processor fetch what add() will look at.
    void expect(const packet_place& packet) const { packets_.expect(packet.connection, packet.node); }
    /// `packet`: the flow's packet_place_of().
    void add(const flow& flow, const packet_place& packet, std::string_view drop_reason, std::uint32_t port,
             endpoint_pool& ends);
    /// The pods at its ends, told when a flow shows a new pair of them. `peer` is null where it is no pod.
    void add_pods(const std::string* subject, const std::string* peer);
    rule_tally evidence() const;
    /// For good: what comes later leaves none either.
    void forget_samples() { samples_ = newest_samples(0); }

  private:
    pods_of_ends pods() const;

    packet_count packets_;
    std::int64_t first_seen_ns_ = 0;  ///< 0: no flow had a time
    std::int64_t last_seen_ns_ = 0;
    newest_samples samples_;
    pods_seen subjects_;
    pods_seen peers_;
    std::unique_ptr<pods_of_ends> pods_elsewhere_;  ///< of other parts
};

}  // namespace cpg

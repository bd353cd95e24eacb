// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The newest flows behind a rule, kept so that the same flows in any order leave the same samples. One thread at a
// time.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "aggregate/endpoint_pool.hpp"
#include "request/rule_tally.hpp"

namespace cpg {

class newest_samples {
  public:
    /// `most` of each kind of event are kept, so that the twin of a sample is there to be recognised.
    explicit newest_samples(std::size_t most) : most_(static_cast<std::uint32_t>(most)) {}

    /// `drop_reason` must outlive the samples, and `pool` is the same at each call.
    void add(const flow& flow, std::string_view drop_reason, std::uint32_t port, endpoint_pool& pool);
    /// One that was kept elsewhere.
    void add(const flow_sample& sample);
    std::size_t most() const { return most_; }
    /// All that are kept, of both kinds of event; newest first.
    std::vector<flow_sample> all() const;
    /// Newest first, at most `most`, each packet once.
    std::vector<flow_sample> list() const;

  private:
    // In order of time, beginning at `oldest` and going round: a flow that is newer than all others, as most are when
    // they come, takes the place of the oldest and moves nothing.
    struct ring {
        std::vector<flow_sample> samples;
        std::size_t oldest = 0;

        flow_sample& at(std::size_t age) { return samples[(oldest + age) % samples.size()]; }
        flow_sample& make_room(std::size_t most);
        void sort_newest();
    };

    struct rings {
        ring verdicts;
        ring others;
    };

    std::unique_ptr<rings> kept_;  ///< null: none yet, and for good where none are kept
    std::uint32_t most_;
};

}  // namespace cpg

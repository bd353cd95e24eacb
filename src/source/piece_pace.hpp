// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// When to take what a slow stream has sent: not each message by itself, for each piece costs a few context switches
// from the strand over a decoding thread to the shards and back. Where much comes nothing is waited for. Pure; one
// thread at a time.

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cpg {

class piece_pace {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// People do not see that a flow is counted so much later.
    static constexpr std::chrono::milliseconds gather_time{50};
    /// Fewer messages in that time are gathered: a quarter of what the inbox holds, so that it does not fill meanwhile.
    static constexpr std::size_t few = 64;

    /// When what has come by now is to be taken; `now` for at once.
    time_point take_at(time_point now) const { return is_slow_ ? std::max(now, began_ + gather_time) : now; }
    /// So many messages were taken.
    void took(std::size_t messages, time_point now) {
        taken_ += messages;
        const auto elapsed = now - began_;
        if (elapsed < gather_time) return;
        is_slow_ = taken_ < few * static_cast<std::size_t>(elapsed / gather_time);
        began_ = now;
        taken_ = 0;
    }

  private:
    time_point began_{};
    std::size_t taken_ = 0;  ///< since then
    bool is_slow_ = false;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The replay guard as the tasks that decode a stream share it: they know a flow's identity anyway, and reading each
// message a second time on the session strand would cost as much as decoding it. Any thread; its lock is taken once a
// piece.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "flow/flow.hpp"
#include "source/replay_guard.hpp"

namespace cpg {

class flow_gate {
  public:
    /// A piece is going to be decoded, and admit() will follow.
    void expect_piece();
    /// Takes the flows that came before the stream was reopened out of the batch, and remembers the others.
    void admit(flow_batch& batch);
    /// An event of the server's that is no flow.
    void note_server_time(std::int64_t time_ns, replay_guard::time_point now);

    /// See replay_guard. Nothing is known of a piece before it is decoded: not to be called while one is under way.
    std::optional<std::int64_t> reopen(replay_guard::time_point now);
    bool is_idle() const;

  private:
    mutable std::mutex mutex_;
    replay_guard guard_;
    std::size_t under_way_ = 0;
};

}  // namespace cpg

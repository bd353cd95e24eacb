// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The replay guard as the tasks that decode a stream share it: they know a flow's identity anyway, and reading each
// message a second time on the session strand would cost as much as decoding it. Any thread; its lock is taken once a
// piece.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "flow/flow.hpp"
#include "source/replay_guard.hpp"

namespace cpg {

class flow_gate {
  public:
    /// `on_node_lost` is called, on whatever thread, when relay has lost a node that it had, and `on_mask_refused`
    /// before it where the node has not taken the field mask of the request. `known` is shared among the streams of a
    /// session; null: this one's alone.
    explicit flow_gate(
        std::function<void()> on_node_lost = [] {}, std::function<void()> on_mask_refused = [] {},
        std::shared_ptr<shared_events> known = nullptr)
        : on_node_lost_(std::move(on_node_lost)),
          on_mask_refused_(std::move(on_mask_refused)),
          known_(known ? std::move(known) : std::make_shared<shared_events>()) {}

    /// A piece that is going to be decoded. Where it is dropped undecoded, nobody waits for it any longer.
    class piece {
      public:
        explicit piece(std::shared_ptr<flow_gate> gate);
        piece(const piece&) = delete;
        piece& operator=(const piece&) = delete;
        ~piece() { end(); }

        /// Once: takes the flows that came before out of the batch, and remembers the others.
        void admit(flow_batch& batch, replay_guard::time_point received);

      private:
        void end();
        std::shared_ptr<flow_gate> gate_;
    };

    /// An event of the server's that is no flow.
    void note_server_time(std::int64_t time_ns, replay_guard::time_point now);

    /// See replay_guard. Nothing is known of a piece before it is decoded: not to be called while one is under way.
    std::optional<std::int64_t> reopen(replay_guard::time_point broken_at) const;
    /// Calls `act` once no piece is under way: at once, or on the thread that has decoded the last. In place of
    /// what was to be called before.
    void when_idle(std::function<void()> act);
    /// What when_idle() was told is not called any more: pieces that were never decoded may outlive who asked.
    void forget();

  private:
    void admit(flow_batch& batch, replay_guard::time_point received);
    std::size_t drop_known(std::vector<flow>& flows, replay_guard::time_point received);
    void end_piece();

    const std::function<void()> on_node_lost_;
    const std::function<void()> on_mask_refused_;
    const std::shared_ptr<shared_events> known_;
    mutable std::mutex mutex_;  ///< of what follows
    replay_guard guard_{known_->seen};
    std::size_t under_way_ = 0;
    std::function<void()> on_idle_;
};

}  // namespace cpg

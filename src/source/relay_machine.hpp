// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// When a stream of flows is opened, opened again and given up: a class without I/O. Tell it what happened, and when, do
// the step that it returns, and set the one timer to wakes_at(). One thread at a time (the session strand).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/duration.hpp"
#include "source/backoff.hpp"

namespace cpg {

enum class relay_phase : std::uint8_t {
    idle,
    settling,  ///< what came before is still being decoded, and might be served again without being known
    opening,   ///< asked for flows, and not a word yet
    open,      ///< the stream stands
    waiting,   ///< for the time of the next attempt
    ended,
};

/// How the server took the question for its status.
enum class status_answer : std::uint8_t { given, refused, unreachable };

/// Why a stream is over.
enum class stream_end : std::uint8_t {
    complete,      ///< all that was wanted has come
    cancelled,     ///< by cpg itself or by the server
    mask_refused,  ///< it does not take the field mask
    lost,          ///< it may come back
    refused,       ///< by what lies on the way; a starting API server refuses everybody
    terminal,      ///< trying again gives the same
};

enum class relay_action : std::uint8_t {
    none,
    connect,     ///< a new channel, ask it for its status, then on_settled() once nothing is being decoded
    next_way,    ///< the same, for the way that was tried has failed
    reopen,      ///< the same on the channel that is there, without asking for its status
    open,        ///< ask for flows
    unanswered,  ///< nothing came in time: end the stream, and on_end()
    repeat,      ///< a node was lost: cancel the stream, and on_end()
    cancel,      ///< the same, for good
    wait,        ///< leave the channel; wait() says how long
    give_up,     ///< with a problem
    finish,      ///< without one
};

struct relay_step {
    relay_action action = relay_action::none;
    bool announce = false;  ///< say first that the connection stands

    bool operator==(const relay_step&) const = default;
};

class relay_machine {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    struct settings {
        nanoseconds timeout;                       ///< for a connection to stand
        std::optional<time_point> first_deadline;  ///< for the first; `timeout` from the start on where it is not set
        nanoseconds first_backoff, longest_backoff;
        nanoseconds patience_when_refused;          ///< after a first good connection
        std::optional<std::int64_t> since_ns = {};  ///< what is wanted from the beginning on, ns since the epoch
        std::uint64_t seed = 0;                     ///< of the back-off's jitter
    };

    /// When something happens, and how many ways to the relay have not been tried since one stood.
    struct moment {
        time_point now;
        std::size_t ways = 0;
    };

    explicit relay_machine(const settings& given);

    relay_step on_start(moment at);
    /// After connect, next_way and reopen.
    relay_step on_settled(moment at);
    relay_step on_status(status_answer answer, time_point now);
    /// The stream's first word, be it that it has flows to give.
    relay_step on_answer(time_point now);
    void on_flows() { backoff_.reset(); }
    /// Relay has lost a node that it had.
    relay_step on_node_lost(time_point now);
    relay_step on_end(stream_end end, moment at);
    /// It is wakes_at(), or later.
    relay_step on_time(moment at);
    relay_step on_stop();

    relay_phase phase() const { return phase_; }
    std::optional<time_point> wakes_at() const;
    /// The time to ask for flows from. `unseen_from` is what the guard of a stream that broke says, of broken_at().
    std::optional<std::int64_t> since(std::optional<std::int64_t> unseen_from);
    /// When the last stream that stood ended; nothing before.
    std::optional<time_point> broken_at() const { return broken_at_; }
    /// Such an end says that the way to the relay is bad.
    bool blames_way(stream_end end) const;
    bool has_connected() const { return connected_; }
    bool is_stopping() const { return stopping_; }
    /// How often a stream stood again after one had broken.
    std::uint64_t reconnects() const { return reconnects_; }
    nanoseconds wait() const { return wait_; }
    /// How many ways the time for this connection is shared among, at least one.
    std::size_t shares() const { return shares_; }

  private:
    relay_step settle(relay_action how);
    relay_step connect(relay_action how = relay_action::connect);
    relay_step stand(time_point now);
    relay_step announced(relay_action then = relay_action::none);
    relay_step end(relay_action how);
    relay_step on_due(time_point now);
    relay_action after(stream_end end, moment at);
    relay_action reopen(bool for_own_reasons);
    void note_break(time_point now);
    bool is_refused_for_good(stream_end end, time_point now);
    bool is_answered() const { return status_ && *status_ != status_answer::unreachable; }

    const settings given_;
    backoff backoff_;
    relay_phase phase_ = relay_phase::idle;
    bool stopping_ = false;
    bool connected_ = false;                ///< once
    bool announced_ = false;                ///< this connection
    bool again_ = false;                    ///< the stream is opened again although it stood
    std::optional<status_answer> status_;   ///< of this connection
    time_point deadline_;                   ///< for the connection that is to stand
    std::size_t shares_ = 1;                ///< ways that share the time up to it
    std::optional<time_point> due_;         ///< what that means lies in the phase
    std::optional<time_point> repeat_due_;  ///< to ask again, of a node that was lost
    std::optional<time_point> last_repeat_;
    time_point stood_at_;
    std::optional<time_point> broken_at_;
    std::optional<std::int64_t> since_;  ///< asked for since a stream stood for long
    std::optional<time_point> refused_since_;
    nanoseconds wait_{};
    std::uint64_t reconnects_ = 0;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_machine.hpp"

#include <algorithm>
#include <utility>

#include "source/replay_guard.hpp"

namespace cpg {

namespace {

// Relay tells of a lost node for each request by itself, and of several of them one after the other.
constexpr nanoseconds rest_after_loss = std::chrono::seconds(1);
constexpr nanoseconds between_repeats = std::chrono::seconds(10);

// A server that answers ServerStatus may yet refuse GetFlows, and one without node status (an agent's own)
// sends nothing before the first flow: silence for this long after the status means that the stream stands. A
// server that has no ServerStatus has proved nothing yet, and gets all of the timeout to refuse. A stream that stands
// waits as long for the status before it says so.
constexpr nanoseconds longest_refusal = std::chrono::milliseconds(500);

std::optional<std::int64_t> earlier(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
}

}  // namespace

relay_machine::relay_machine(const settings& given)
    : given_(given), backoff_(given.first_backoff, given.longest_backoff, given.seed) {}

relay_step relay_machine::on_start(moment at) {
    if (stopping_) return end(relay_action::finish);
    deadline_ = given_.first_deadline.value_or(at.now + given_.timeout);
    return connect();
}

relay_step relay_machine::connect(relay_action how) {
    announced_ = again_ = false;
    status_.reset();
    return settle(how);
}

relay_step relay_machine::settle(relay_action how) {
    phase_ = relay_phase::settling;
    due_.reset();
    return {how};
}

// One relay that hangs must not take the time of those that would answer. A slow decoder does not take the server's.
relay_step relay_machine::on_settled(moment at) {
    if (phase_ != relay_phase::settling) return {};
    phase_ = relay_phase::opening;
    if (connected_) deadline_ = at.now + given_.timeout;
    shares_ = again_ ? 1 : std::max<std::size_t>(at.ways, 1);
    due_ = status_ == status_answer::given ? at.now + longest_refusal
                                           : at.now + (deadline_ - at.now) / static_cast<std::int64_t>(shares_);
    return {relay_action::open};
}

// Whatever it says, GetFlows alone decides.
relay_step relay_machine::on_status(status_answer answer, time_point now) {
    if (status_) return {};
    status_ = answer;
    if (phase_ == relay_phase::open) return announced();
    if (phase_ == relay_phase::opening && answer == status_answer::given) due_ = now + longest_refusal;
    return {};
}

relay_step relay_machine::on_answer(time_point now) {
    return phase_ == relay_phase::opening ? stand(now) : relay_step{};
}

relay_step relay_machine::stand(time_point now) {
    phase_ = relay_phase::open;
    stood_at_ = now;
    due_.reset();
    refused_since_.reset();
    if (std::exchange(again_, false)) return {};
    reconnects_ += connected_;
    connected_ = true;
    if (status_) return announced();
    due_ = now + longest_refusal;
    return {};
}

relay_step relay_machine::announced(relay_action then) {
    due_.reset();
    return {then, !std::exchange(announced_, true)};
}

// Relay asks the node anew when it is back, but with cpg's own request: of one without a time it hears what comes from
// then on, and what the node's ring has kept of the time between is lost. With a time, all of it comes.
relay_step relay_machine::on_node_lost(time_point now) {
    if (phase_ != relay_phase::open || stopping_ || repeat_due_ || again_) return {};
    repeat_due_ = now + rest_after_loss;
    if (last_repeat_) repeat_due_ = std::max(*repeat_due_, *last_repeat_ + between_repeats);
    return {};
}

relay_step relay_machine::on_time(moment at) {
    relay_step out;
    if (due_ && at.now >= *due_) out = on_due(at.now);
    if (phase_ != relay_phase::open || !repeat_due_ || at.now < *repeat_due_) return out;
    repeat_due_.reset();
    last_repeat_ = at.now;
    again_ = true;
    out.action = relay_action::repeat;
    return out;
}

// Of a server that is there and neither sends nor refuses, the stream stands.
relay_step relay_machine::on_due(time_point now) {
    due_.reset();
    switch (phase_) {
        case relay_phase::waiting: return connect();
        case relay_phase::opening: return is_answered() ? stand(now) : relay_step{relay_action::unanswered};
        case relay_phase::open: return announced();
        default: return {};
    }
}

bool relay_machine::blames_way(stream_end end) const {
    return phase_ == relay_phase::opening && !stopping_ && end != stream_end::complete &&
           end != stream_end::mask_refused;
}

relay_step relay_machine::on_end(stream_end end_of, moment at) {
    if (phase_ != relay_phase::opening && phase_ != relay_phase::open) return {};
    const bool announces = phase_ == relay_phase::open && !std::exchange(announced_, true);
    return {after(end_of, at), announces};
}

// What is asked for does not move on before a stream has stood for long: one that breaks again may have had no time to
// bring what was missing.
void relay_machine::note_break(time_point now) {
    broken_at_ = now;
    if (now - stood_at_ >= replay_guard::longest_silence) since_.reset();
}

relay_action relay_machine::after(stream_end end_of, moment at) {
    const bool stood = phase_ == relay_phase::open;
    if (stood) note_break(at.now);
    due_.reset();
    repeat_due_.reset();
    if (stopping_ || end_of == stream_end::complete) return end(relay_action::finish).action;
    if (end_of == stream_end::mask_refused) return reopen(stood || again_);
    if (end_of == stream_end::cancelled && stood && again_) return reopen(true);
    if (end_of == stream_end::terminal) return end(relay_action::give_up).action;
    if (!connected_) {
        const bool another_way = end_of != stream_end::refused && at.ways > 0 && at.now < deadline_;
        return (another_way ? connect(relay_action::next_way) : end(relay_action::give_up)).action;
    }
    if (is_refused_for_good(end_of, at.now)) return end(relay_action::give_up).action;
    phase_ = relay_phase::waiting;
    wait_ = backoff_.next();
    due_ = at.now + wait_;
    return relay_action::wait;
}

relay_action relay_machine::reopen(bool for_own_reasons) {
    again_ = for_own_reasons;
    return settle(relay_action::reopen).action;
}

bool relay_machine::is_refused_for_good(stream_end end_of, time_point now) {
    if (end_of != stream_end::refused) return false;
    if (!refused_since_) refused_since_ = now;
    return now - *refused_since_ >= given_.patience_when_refused;
}

relay_step relay_machine::end(relay_action how) {
    phase_ = relay_phase::ended;
    due_.reset();
    repeat_due_.reset();
    return {how};
}

relay_step relay_machine::on_stop() {
    if (std::exchange(stopping_, true)) return {};
    switch (phase_) {
        case relay_phase::settling:
        case relay_phase::waiting: return end(relay_action::finish);
        case relay_phase::opening:
        case relay_phase::open: return {relay_action::cancel};
        default: return {};
    }
}

// A call that is cancelled ends by itself, and soon.
std::optional<relay_machine::time_point> relay_machine::wakes_at() const {
    if (stopping_) return std::nullopt;
    return due_ && repeat_due_ ? std::min(*due_, *repeat_due_) : due_ ? due_ : repeat_due_;
}

std::optional<std::int64_t> relay_machine::since(std::optional<std::int64_t> unseen_from) {
    if (broken_at_) since_ = earlier(since_, unseen_from);
    return earlier(since_, given_.since_ns);
}

}  // namespace cpg

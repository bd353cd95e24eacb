// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_stream.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include "base/text.hpp"
#include "source/relay_decode.hpp"
#include "source/relay_request.hpp"

namespace cpg {

namespace {

// Relay tells of a lost node for each request by itself, and of several of them one after the other.
constexpr nanoseconds rest_after_loss = std::chrono::seconds(1);
constexpr nanoseconds between_repeats = std::chrono::seconds(10);

// A server that answers ServerStatus may yet refuse GetFlows, and one without node status (an agent's own)
// sends nothing before the first flow: silence for this long after the status means that the stream stands. A
// server that has no ServerStatus has proved nothing yet, and gets all of --timeout to refuse. A stream that stands
// waits as long for the status before it says so.
constexpr nanoseconds longest_refusal = std::chrono::milliseconds(500);

std::string with_advice(const relay_failure& failure) {
    return failure.advice.empty() ? failure.problem : failure.problem + "; " + failure.advice;
}

// Decoding what has come takes a few milliseconds.
constexpr nanoseconds decoding_time = std::chrono::milliseconds(5);

// What a channel was doing when the time was up.
std::string unanswered(grpc::Channel& channel, nanoseconds timeout, int ways) {
    const bool connected = channel.GetState(false) == GRPC_CHANNEL_READY;
    return std::string(connected ? "it took the connection but gave no answer, neither to GetFlows nor to ServerStatus,"
                                 : "no connection came about") +
           (ways > 1 ? " in its share of " : " within ") + format_duration(timeout) + " (--timeout)";
}

}  // namespace

relay_stream::relay_stream(asio::any_io_executor strand, relay_options options, logger& log)
    : strand_(std::move(strand)),
      options_(std::move(options)),
      log_(log),
      credentials_(relay_credentials(options_)),
      timer_(strand_),
      repeat_timer_(strand_),
      backoff_(options_.first_backoff, options_.longest_backoff, std::random_device{}()),
      whole_flows_(options_.capture != nullptr),
      gate_(
          std::make_shared<flow_gate>(posting(&relay_stream::on_node_lost), posting(&relay_stream::on_mask_refused))) {}

relay_stream::~relay_stream() = default;

void relay_stream::start(flow_receiver& receiver) {
    receiver_ = &receiver;
    work_.emplace(strand_);
    if (options_.uses_tls() && options_.tls.allow_insecure)
        log_.warn(
            "--tls-allow-insecure: the server's certificate is not verified, anyone on the way can read and "
            "change the flows");
    if (stopping_) return asio::post(strand_, guarded(&relay_stream::finish));
    deadline_ = options_.first_deadline.value_or(std::chrono::steady_clock::now() + options_.timeout);
    connect();
}

void relay_stream::request(std::size_t pieces) {
    credits_ += pieces;
    if (std::exchange(left_behind_, false)) asio::post(strand_, guarded(&relay_stream::pump));
}

void relay_stream::stop() {
    if (std::exchange(stopping_, true) || phase_ == phase::idle || phase_ == phase::ended) return;
    if (reactor_)
        reactor_->cancel();
    else
        asio::post(strand_, guarded(&relay_stream::finish));
}

std::function<void()> relay_stream::guarded(handler what) {
    return [this, what, alive = std::weak_ptr<int>(alive_)] {
        if (alive.lock()) (this->*what)();
    };
}

std::function<void()> relay_stream::posting(handler what) {
    return [strand = strand_, call = guarded(what)] { asio::post(strand, call); };
}

// A wait that was over before it was replaced must not act: its round is not the current one.
void relay_stream::arm(nanoseconds after, handler what) {
    timer_.expires_after(after);
    timer_.async_wait([this, round = ++timer_round_, call = guarded(what),
                       alive = std::weak_ptr<int>(alive_)](const asio::error_code& error) {
        if (!error && alive.lock() && round == timer_round_) call();
    });
}

void relay_stream::disarm() {
    ++timer_round_;
    timer_.cancel();
}

void relay_stream::connect() {
    phase_ = phase::opening;
    announced_ = false;
    status_code_.reset();
    server_.Clear();
    if (connected_once_) deadline_ = std::chrono::steady_clock::now() + options_.timeout;
    // One relay that hangs must not take the time of those that would answer.
    ways_ = options_.untried_ways ? std::max(static_cast<int>(options_.untried_ways()), 1) : 1;
    const auto now = std::chrono::steady_clock::now();
    attempt_deadline_ = now + (deadline_ - now) / ways_;
    channel_ = relay_channel(options_, credentials_);
    asked_ = std::make_unique<status_call>(channel_, posting(&relay_stream::on_status));
    open();
}

void relay_stream::open() {
    // What is still being decoded might be served again without being known.
    if (!gate_->is_idle()) return arm(decoding_time, &relay_stream::open);
    seen_first_ = false;
    arm(attempt_deadline_ - std::chrono::steady_clock::now(), &relay_stream::on_deadline);
    auto since = connected_once_ ? gate_->reopen(broken_at_) : std::nullopt;
    if (options_.since_ns) since = std::min(since.value_or(*options_.since_ns), *options_.since_ns);
    reactor_ = std::make_unique<relay_reactor>(posting(&relay_stream::pump));
    wanted_flows wanted = options_.wanted;
    wanted.whole = whole_flows_;
    reactor_->start(channel_, flows_request(options_.namespaces, wanted, since, options_.until_ns));
    wait_for_refusal();
}

// Whatever it says, GetFlows alone decides.
void relay_stream::on_status() {
    const auto status = asked_ ? asked_->status() : std::nullopt;
    if (!status || status_code_) return;
    status_code_ = status->error_code();
    if (status->ok()) server_ = asked_->response();
    if (phase_ == phase::open) announce();
    wait_for_refusal();
}

void relay_stream::wait_for_refusal() {
    if (phase_ == phase::opening && reactor_ && status_code_ == grpc::StatusCode::OK)
        arm(longest_refusal, &relay_stream::on_silence);
}

// Neither flows nor a refusal since the status came.
void relay_stream::on_silence() {
    if (phase_ == phase::opening) stand();
}

// A refusal, too, shows that a server is there.
bool relay_stream::is_answered() const {
    return status_code_ && status_code_ != grpc::StatusCode::UNAVAILABLE;
}

// A server without an answer to ServerStatus has had all the time that there is for refusing GetFlows.
void relay_stream::on_deadline() {
    if (phase_ == phase::opening && is_answered()) return stand();
    on_failure({grpc::StatusCode::UNAVAILABLE, unanswered(*channel_, options_.timeout, ways_)});
}

void relay_stream::stand() {
    phase_ = phase::open;
    disarm();
    refused_since_.reset();
    if (std::exchange(repeating_, false)) return;
    reconnects_ += connected_once_;
    connected_once_ = true;
    if (status_code_)
        announce();
    else
        arm(longest_refusal, &relay_stream::announce);
}

void relay_stream::announce() {
    if (phase_ != phase::open || std::exchange(announced_, true)) return;
    log_fields fields = {{"server", options_.address.shown}};
    if (!server_.version().empty()) fields.emplace_back("version", server_.version());
    if (server_.has_num_connected_nodes())
        fields.emplace_back("connected_nodes", std::uint64_t{server_.num_connected_nodes().value()});
    if (server_.has_num_unavailable_nodes())
        fields.emplace_back("unavailable_nodes", std::uint64_t{server_.num_unavailable_nodes().value()});
    log_.info(reconnects_ > 0 ? "connected to Hubble Relay again" : "connected to Hubble Relay", fields);
}

void relay_stream::pump() {
    if (!reactor_) return;
    relay_reactor::taken in = reactor_->drain(credits_ > 0);
    left_behind_ = in.left;
    if (in.answered && phase_ == phase::opening) stand();
    if (!in.messages.empty()) deliver(std::move(in.messages));
    if (in.end) on_failure(*in.end);
}

// Node status comes first from relay, with relay's time. Whatever else there is to be known, the tasks find out.
void relay_stream::look_at(std::vector<grpc::ByteBuffer>& messages) {
    for (const grpc::ByteBuffer& message : messages)
        bytes_read_ += message.Length();
    if (!std::exchange(seen_first_, true)) {
        const event_envelope first = peek_message(messages.front());
        if (!first.is_flow) gate_->note_server_time(first.time_ns, std::chrono::steady_clock::now());
    }
    if (peek_message(messages.back()).is_flow) backoff_.reset();
}

void relay_stream::deliver(std::vector<grpc::ByteBuffer> messages) {
    --credits_;
    look_at(messages);
    receiver_->on_input(decode_task_for(std::move(messages), gate_, options_.capture));
}

void relay_stream::on_mask_refused() {
    if (std::exchange(whole_flows_, true)) return;
    log_.info("Hubble does not take a field mask: asking for whole flows", {{"server", options_.address.shown}});
}

// Relay asks the node anew when it is back, but with cpg's own request: of one without a time it hears what comes from
// then on, and what the node's ring has kept of the time between is lost. With a time, all of it comes.
void relay_stream::on_node_lost() {
    if (phase_ != phase::open || stopping_ || repeat_wanted_) return;
    repeat_wanted_ = true;
    const auto earliest = last_repeat_ ? *last_repeat_ + between_repeats : std::chrono::steady_clock::time_point{};
    repeat_timer_.expires_at(std::max(std::chrono::steady_clock::now() + rest_after_loss, earliest));
    repeat_timer_.async_wait([this, alive = std::weak_ptr<int>(alive_)](const asio::error_code& error) {
        if (!error && alive.lock()) repeat();
    });
}

// The stream that stands ends, and another is opened on the same connection.
void relay_stream::repeat() {
    repeat_wanted_ = false;
    if (phase_ != phase::open || stopping_ || !reactor_) return;
    last_repeat_ = std::chrono::steady_clock::now();
    log_.info("relay lost a node: asking again for what its nodes have kept", {{"server", options_.address.shown}});
    repeating_ = true;
    reactor_->cancel();
}

void relay_stream::open_again() {
    phase_ = phase::opening;
    deadline_ = attempt_deadline_ = std::chrono::steady_clock::now() + options_.timeout;
    open();
}

// Also an end without an error: a stream that follows has no end of its own.
void relay_stream::on_failure(const grpc::Status& status) {
    if (phase_ == phase::open) announce();
    broken_at_ = std::chrono::steady_clock::now();
    reactor_.reset();
    if (repeating_ && phase_ == phase::open && !stopping_ && status.error_code() == grpc::StatusCode::CANCELLED)
        return open_again();
    repeating_ = false;
    if (!whole_flows_ && !stopping_ && is_refused_mask(status.error_message())) {
        on_mask_refused();
        return phase_ == phase::opening ? open() : open_again();
    }
    asked_.reset();
    if (stopping_ || (status.ok() && options_.until_ns)) return finish();
    const relay_failure failure = explain_failure(status, options_);
    if (phase_ == phase::opening && options_.way_failed) options_.way_failed();
    channel_.reset();  // else gRPC connects again of its own accord
    if (!connected_once_ && tries_another_way(failure)) return connect();
    if (failure.terminal || !connected_once_ || is_refused_for_good(failure)) return give_up(with_advice(failure));
    wait_and_reconnect(failure);
}

bool relay_stream::tries_another_way(const relay_failure& failure) const {
    if (failure.terminal || failure.refused || !options_.untried_ways || options_.untried_ways() == 0) return false;
    if (std::chrono::steady_clock::now() >= deadline_) return false;
    log_.warn("no connection to Hubble Relay, trying its next pod", {{"reason", failure.problem}});
    return true;
}

bool relay_stream::is_refused_for_good(const relay_failure& failure) {
    if (!failure.refused) return false;
    const auto now = std::chrono::steady_clock::now();
    if (!refused_since_) refused_since_ = now;
    return now - *refused_since_ >= options_.patience_when_refused;
}

void relay_stream::wait_and_reconnect(const relay_failure& failure) {
    phase_ = phase::waiting;
    const nanoseconds wait = backoff_.next();
    log_.warn("no connection to Hubble Relay, trying again",
              {{"reason", failure.problem},
               {"in", format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(wait))}});
    arm(wait, &relay_stream::connect);
}

void relay_stream::give_up(std::string problem) {
    if (std::exchange(phase_, phase::ended) == phase::ended) return;
    disarm();
    repeat_timer_.cancel();
    asked_.reset();
    reactor_.reset();
    channel_.reset();
    work_.reset();
    receiver_->on_end({std::move(problem)});
}

}  // namespace cpg

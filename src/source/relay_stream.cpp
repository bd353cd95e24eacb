// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_stream.hpp"

#include <asio/post.hpp>

#include <random>
#include <utility>

#include "base/text.hpp"
#include "source/relay_decode.hpp"
#include "source/relay_request.hpp"

namespace cpg {

namespace {

std::string with_advice(const relay_failure& failure) {
    return failure.advice.empty() ? failure.problem : failure.problem + "; " + failure.advice;
}

std::string why_unanswered(bool connected, nanoseconds timeout, bool shared) {
    return std::string(connected ? "it took the connection but gave no answer, neither to GetFlows nor to ServerStatus,"
                                 : "no connection came about") +
           (shared ? " in its share of " : " within ") + format_duration(timeout) + " (--timeout)";
}

status_answer answer_of(const grpc::Status& status) {
    if (status.ok()) return status_answer::given;
    return status.error_code() == grpc::StatusCode::UNAVAILABLE ? status_answer::unreachable : status_answer::refused;
}

relay_machine::settings settings_of(const relay_options& options) {
    return {.timeout = options.timeout,
            .first_deadline = options.first_deadline,
            .first_backoff = options.first_backoff,
            .longest_backoff = options.longest_backoff,
            .patience_when_refused = options.patience_when_refused,
            .since_ns = options.since_ns,
            .seed = std::random_device{}()};
}

}  // namespace

relay_stream::relay_stream(asio::any_io_executor strand, relay_options options, logger& log)
    : strand_(std::move(strand)),
      options_(std::move(options)),
      log_(log),
      credentials_(relay_credentials(options_)),
      machine_(settings_of(options_)),
      timer_(strand_),
      gathering_(strand_),
      whole_flows_(options_.capture != nullptr),
      gate_(std::make_shared<flow_gate>(posting(&relay_stream::on_node_lost), posting(&relay_stream::on_mask_refused),
                                        options_.known_events)) {}

relay_stream::~relay_stream() {
    gate_->forget();
}

void relay_stream::start(flow_receiver& receiver) {
    receiver_ = &receiver;
    work_.emplace(strand_);
    if (options_.uses_tls() && options_.tls.allow_insecure)
        log_.warn(
            "--tls-allow-insecure: the server's certificate is not verified, anyone on the way can read and "
            "change the flows");
    apply(machine_.on_start(moment()));
}

void relay_stream::request(std::size_t pieces) {
    credits_ += pieces;
    if (std::exchange(left_behind_, false)) post(&relay_stream::pump);
}

void relay_stream::stop() {
    apply(machine_.on_stop());
}

void relay_stream::post(handler what) {
    asio::post(strand_, [this, what] { (this->*what)(); });
}

std::function<void()> relay_stream::posting(handler what) {
    return [this, what] { post(what); };
}

relay_machine::moment relay_stream::moment() const {
    return {std::chrono::steady_clock::now(), options_.untried_ways ? options_.untried_ways() : 0};
}

// The receiver is never called from within start() or stop(): an end is posted.
void relay_stream::apply(relay_step step) {
    if (step.announce) announce();
    switch (step.action) {
        case relay_action::none: break;
        case relay_action::next_way:
            log_.warn("no connection to Hubble Relay, trying its next pod", {{"reason", failure_.problem}});
            [[fallthrough]];
        case relay_action::connect: connect(); break;
        case relay_action::reopen: settle(); break;
        case relay_action::open: open(); break;
        case relay_action::unanswered: return on_end(unanswered());
        case relay_action::repeat:
            log_.info("relay lost a node: asking again for what its nodes have kept",
                      {{"server", options_.address.shown}});
            [[fallthrough]];
        case relay_action::cancel: reactor_->cancel(); break;
        case relay_action::wait: leave(); break;
        case relay_action::give_up: return give_up(with_advice(failure_));
        case relay_action::finish: post(&relay_stream::finish); break;
    }
    set_timer();
}

void relay_stream::set_timer() {
    const auto at = machine_.wakes_at();
    if (at == armed_for_) return;
    armed_for_ = at;
    if (!at) return timer_.disarm();
    timer_.arm(*at, [this] {
        armed_for_.reset();
        apply(machine_.on_time(moment()));
    });
}

void relay_stream::connect() {
    asked_.reset();
    server_.Clear();
    channel_ = relay_channel(options_, credentials_);
    asked_ = std::make_unique<status_call>(channel_, posting(&relay_stream::on_status));
    settle();
}

void relay_stream::settle() {
    gate_->when_idle(posting(&relay_stream::on_settled));
}

void relay_stream::on_settled() {
    apply(machine_.on_settled(moment()));
}

void relay_stream::open() {
    seen_first_ = false;
    const auto broken_at = machine_.broken_at();
    const auto since = machine_.since(broken_at ? gate_->reopen(*broken_at) : std::nullopt);
    wanted_flows wanted = options_.wanted;
    wanted.whole = whole_flows_;
    reactor_ = std::make_unique<relay_reactor>(posting(&relay_stream::on_wake));
    reactor_->start(channel_, flows_request(options_.namespaces, wanted, since, options_.until_ns));
}

void relay_stream::on_status() {
    const auto status = asked_ ? asked_->status() : std::nullopt;
    if (!status) return;
    if (status->ok()) server_ = asked_->response();
    apply(machine_.on_status(answer_of(*status), std::chrono::steady_clock::now()));
}

void relay_stream::announce() {
    log_fields fields = {{"server", options_.address.shown}};
    if (!server_.version().empty()) fields.emplace_back("version", server_.version());
    if (server_.has_num_connected_nodes())
        fields.emplace_back("connected_nodes", std::uint64_t{server_.num_connected_nodes().value()});
    if (server_.has_num_unavailable_nodes())
        fields.emplace_back("unavailable_nodes", std::uint64_t{server_.num_unavailable_nodes().value()});
    log_.info(reconnects() > 0 ? "connected to Hubble Relay again" : "connected to Hubble Relay", fields);
}

void relay_stream::on_wake() {
    const auto now = std::chrono::steady_clock::now();
    const auto at = pace_.take_at(now);
    if (at == now) return pump();
    gathering_.arm(at, [this] { pump(); });
}

void relay_stream::pump() {
    if (!reactor_) return;
    relay_reactor::taken in = reactor_->drain(credits_ > 0);
    left_behind_ = in.left;
    if (in.answered && machine_.phase() == relay_phase::opening)
        apply(machine_.on_answer(std::chrono::steady_clock::now()));
    if (!in.messages.empty()) deliver(std::move(in.messages));
    if (in.end) on_end(*in.end);
}

// Node status comes first from relay, with relay's time. Whatever else there is to be known, the tasks find out.
void relay_stream::look_at(std::vector<grpc::ByteBuffer>& messages) {
    for (const grpc::ByteBuffer& message : messages)
        bytes_read_ += message.Length();
    if (!std::exchange(seen_first_, true)) {
        const event_envelope first = peek_message(messages.front());
        if (!first.is_flow) gate_->note_server_time(first.time_ns, std::chrono::steady_clock::now());
    }
    if (peek_message(messages.back()).is_flow) machine_.on_flows();
}

void relay_stream::deliver(std::vector<grpc::ByteBuffer> messages) {
    --credits_;
    pace_.took(messages.size(), std::chrono::steady_clock::now());
    look_at(messages);
    receiver_->on_input(relay_piece_of(std::move(messages), gate_, options_.capture));
}

void relay_stream::on_mask_refused() {
    if (std::exchange(whole_flows_, true)) return;
    log_.info("Hubble does not take a field mask: asking for whole flows", {{"server", options_.address.shown}});
}

void relay_stream::on_node_lost() {
    apply(machine_.on_node_lost(std::chrono::steady_clock::now()));
}

// An end without an error, too, is one that may be mended: a stream that follows has no end of its own.
stream_end relay_stream::kind_of(const grpc::Status& status) const {
    if (status.ok() && options_.until_ns) return stream_end::complete;
    if (!whole_flows_ && is_refused_mask(status.error_message())) return stream_end::mask_refused;
    if (failure_.terminal) return stream_end::terminal;
    if (failure_.refused) return stream_end::refused;
    return status.error_code() == grpc::StatusCode::CANCELLED ? stream_end::cancelled : stream_end::lost;
}

void relay_stream::on_end(const grpc::Status& status) {
    reactor_.reset();
    failure_ = explain_failure(status, options_);
    const stream_end kind = kind_of(status);
    if (kind == stream_end::mask_refused && !machine_.is_stopping()) on_mask_refused();
    if (machine_.blames_way(kind) && options_.way_failed) options_.way_failed();
    apply(machine_.on_end(kind, moment()));
}

grpc::Status relay_stream::unanswered() const {
    const bool connected = channel_->GetState(false) == GRPC_CHANNEL_READY;
    return {grpc::StatusCode::UNAVAILABLE, why_unanswered(connected, options_.timeout, machine_.shares() > 1)};
}

// A channel that is kept connects again of gRPC's own accord.
void relay_stream::leave() {
    asked_.reset();
    channel_.reset();
    log_.warn("no connection to Hubble Relay, trying again",
              {{"reason", failure_.problem},
               {"in", format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(machine_.wait()))}});
}

void relay_stream::give_up(std::string problem) {
    timer_.disarm();
    gathering_.disarm();
    asked_.reset();
    reactor_.reset();
    channel_.reset();
    work_.reset();
    receiver_->on_end({std::move(problem)});
}

}  // namespace cpg

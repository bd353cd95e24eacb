// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow_writer.hpp"

#include <google/protobuf/util/field_mask_util.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <utility>

namespace cpg::sim {

namespace {

// In Hubble's words.
constexpr const char* unknown_field = "rpc error: code = Unknown desc = invalid fieldmask";

std::int64_t time_of(const google::protobuf::Timestamp& time) {
    return time.seconds() * 1'000'000'000 + time.nanos();
}

grpc::ByteBuffer serialized(const observer::GetFlowsResponse& message) {
    const grpc::Slice slice(message.SerializeAsString());
    return {&slice, 1};
}

// None of these carries a time: those of the flows are a recording's, not this clock's.
std::deque<grpc::ByteBuffer> greeting_of(const settings& settings) {
    std::deque<grpc::ByteBuffer> out;
    if (!settings.greets) return out;
    observer::GetFlowsResponse connected;
    connected.mutable_node_status()->set_state_change(relay::NODE_CONNECTED);
    connected.mutable_node_status()->add_node_names("sim/worker-0");
    out.push_back(serialized(connected));
    observer::GetFlowsResponse unavailable;
    unavailable.mutable_node_status()->set_state_change(relay::NODE_UNAVAILABLE);
    for (const std::string& name : settings.unavailable_nodes)
        unavailable.mutable_node_status()->add_node_names(name);
    if (!settings.unavailable_nodes.empty()) out.push_back(serialized(unavailable));
    for (const auto& [number, source] : settings.lost_events) {
        observer::GetFlowsResponse lost;
        ::flow::LostEventSource known = ::flow::UNKNOWN_LOST_EVENT_SOURCE;
        ::flow::LostEventSource_Parse(source, &known);
        lost.mutable_lost_events()->set_source(known);
        lost.mutable_lost_events()->set_num_events_lost(number);
        out.push_back(serialized(lost));
    }
    return out;
}

grpc::ByteBuffer node_status(relay::NodeState state, const char* node, const char* message) {
    observer::GetFlowsResponse out;
    out.mutable_node_status()->set_state_change(state);
    out.mutable_node_status()->add_node_names(node);
    out.mutable_node_status()->set_message(message);
    return serialized(out);
}

grpc::ByteBuffer node_error(const char* message) {
    return node_status(relay::NODE_ERROR, "sim/worker-0", message);
}

// A relay that reaches one of its nodes late has heard of the others by then.
void put_last_node_behind(std::vector<std::size_t>& places, const event_log& log, std::uint64_t others) {
    std::uint64_t seen = 0;
    std::vector<std::size_t> late;
    std::vector<std::size_t> out;
    for (const std::size_t place : places) {
        const bool waits = seen < others && log.is_of_last_node(place);
        (waits ? late : out).push_back(place);
        if (!waits && ++seen == others) out.insert(out.end(), late.begin(), late.end());
    }
    if (seen < others) out.insert(out.end(), late.begin(), late.end());
    places = std::move(out);
}

}  // namespace

flow_writer::flow_writer(relay_service& service, observer::GetFlowsRequest request)
    : service_(service),
      request_(std::move(request)),
      log_(service.log_for(request_.field_mask())),
      matching_(log_->matching(request_)),
      greeting_(greeting_of(service.config())) {
    if (request_.has_since())
        first_ = next_ = seek(log_->first_since(time_of(request_.since())));
    else
        put_last_node_behind(matching_, *log_, service.config().late_node_after);
}

// The first event that matches, from this one on, counted in events that match.
std::uint64_t flow_writer::seek(std::uint64_t event) const {
    const std::uint64_t flows = std::max<std::uint64_t>(1, log_->flows());
    const auto place = std::ranges::lower_bound(matching_, event % flows);
    return event / flows * matching_.size() + static_cast<std::uint64_t>(place - matching_.begin());
}

// Finishes outside of the lock: gRPC may delete this on another thread before Finish() has returned.
template <class Change>
void flow_writer::act(Change change) {
    std::optional<grpc::Status> end;
    {
        const std::lock_guard lock(mutex_);
        change();
        if (!busy_ && !finished_) step();
        end = std::exchange(end_, std::nullopt);
    }
    if (end) Finish(*end);
}

void flow_writer::begin() {
    act([] {});
}

void flow_writer::OnWriteDone(bool ok) {
    act([this, ok] {
        busy_ = false;
        cancelled_ = cancelled_ || !ok;
    });
}

void flow_writer::OnCancel() {
    act([this] {
        cancelled_ = true;
        alarm_.Cancel();
    });
}

void flow_writer::step() {
    if (cancelled_) return rest(grpc::Status::CANCELLED);
    if (!std::exchange(started_, true)) return take_first_step();
    step_on();
}

void flow_writer::take_first_step() {
    if (service_.config().late.count() == 0) return step_on();
    wait_until(begun_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(service_.config().late));
}

void flow_writer::step_on() {
    const settings& config = service_.config();
    if (const auto refused = refusal()) return rest(*refused);
    if (!greeting_.empty()) {
        write(greeting_.front());
        return greeting_.pop_front();
    }
    if (sent_ >= config.stall_after) return;
    if (config.field_mask == mask_handling::refused_by_node && request_.has_field_mask())
        return std::exchange(node_lost_, true) ? void() : write(node_error(unknown_field));
    if (sent_ == config.node_error_after && !request_.has_since() && !std::exchange(node_lost_, true))
        return lose_node();
    if (sent_ == config.cut_after && service_.take_a_cut())
        return rest({grpc::StatusCode::UNAVAILABLE, "cut by relay-sim"});
    step_with_next_flow();
}

std::optional<grpc::Status> flow_writer::refusal() const {
    const settings& config = service_.config();
    if (config.refuse) return grpc::Status{*config.refuse, "refused by relay-sim"};
    const auto& fields = request_.field_mask();
    const bool is_known = google::protobuf::util::FieldMaskUtil::IsValidFieldMask<::flow::Flow>(fields);
    const bool refuses =
        config.field_mask == mask_handling::refused || (config.field_mask == mask_handling::taken && !is_known);
    if (refuses && request_.has_field_mask()) return grpc::Status{grpc::StatusCode::UNKNOWN, "invalid fieldmask"};
    return std::nullopt;
}

bool flow_writer::is_before_since() const {
    if (!request_.has_since()) return false;
    const std::uint64_t event = next_ / matching_.size() * log_->flows() + matching_[next_ % matching_.size()];
    return log_->time_of(event) < time_of(request_.since());
}

void flow_writer::lose_node() {
    next_ += service_.config().node_error_loses;
    write(node_error("connection refused"));
}

bool flow_writer::has_end_to_tell() {
    const bool due = service_.config().tells_end && next_ >= matching_.size();
    return due && !std::exchange(end_told_, true);
}

void flow_writer::step_with_next_flow() {
    if (sent_ == service_.config().resend_after && !std::exchange(sent_again_, true)) next_ = first_;
    while (!matching_.empty() && (log_->loops() || next_ < matching_.size()) && is_before_since())
        ++next_;
    if (has_end_to_tell()) return write(node_status(relay::NODE_GONE, "sim/no-more", ""));
    const bool at_end = matching_.empty() || (!log_->loops() && next_ >= matching_.size());
    if (at_end) {
        // A real relay goes on following. The rest of a lost node is still to be asked for.
        if ((service_.config().end_when_done && !node_lost_) || !request_.follow()) rest(grpc::Status::OK);
        return;
    }
    if (const std::uint64_t rate = service_.config().rate) {
        const auto due = begun_ + std::chrono::microseconds(sent_ * 1'000'000 / rate);
        if (due > std::chrono::system_clock::now()) return wait_until(due);
    }
    ++sent_;
    const std::uint64_t pass = next_ / matching_.size();
    const std::size_t place = matching_[next_ % matching_.size()];
    ++next_;
    write(log_->message(pass * log_->flows() + place), another_follows());
}

// At once, that is: whatever gRPC keeps back for it will not lie there for long.
bool flow_writer::another_follows() const {
    const settings& config = service_.config();
    return config.rate == 0 && sent_ < config.stall_after && sent_ != config.cut_after &&
           sent_ != config.node_error_after && (log_->loops() || next_ < matching_.size());
}

void flow_writer::write(const grpc::ByteBuffer& message, bool keep_back) {
    busy_ = true;
    writing_ = message;
    grpc::WriteOptions options;
    if (keep_back) options.set_buffer_hint();
    StartWrite(&writing_, options);
}

void flow_writer::wait_until(std::chrono::system_clock::time_point when) {
    busy_ = true;
    alarm_.Set(when, [this](bool) { act([this] { busy_ = false; }); });
}

void flow_writer::rest(grpc::Status status) {
    finished_ = true;
    end_ = std::move(status);
}

}  // namespace cpg::sim

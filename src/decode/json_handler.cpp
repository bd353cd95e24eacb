// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/json_handler.hpp"

#include <memory>

namespace cpg::json {

namespace {

using enum member;

constexpr member_set of_a_flow = {flow, verdict, source, destination, l4, type, uuid};
constexpr member_set of_a_bare_flow = {verdict, source, destination};
constexpr member_set of_an_event = {flow, verdict, l4, lost_events, node_status, other_event};

// Lists may stand more than once in one flow (both kinds of *_denied_by); everything else is a plain member.
constexpr bool may_repeat(member key) {
    return key == member::ignored || key == member::denied_by || key == member::other_event ||
           key == member::other_flag || key == member::aggregated;
}

}  // namespace

void line_handler::begin_line(flow_batch& batch) {
    batch_ = &batch;
    flow_ = {};
    lost_ = {};
    node_ = {};
    problem_ = {};
    depth_ = 0;
    ignored_depth_ = 0;
    member_ = member::ignored;
    part_.clear();
    in_array_ = false;
    line_seen_ = {};
    time_text_ = {};
    envelope_time_ns_ = 0;
    envelope_node_ = {};
    endpoint_ = nullptr;
    names_.clear();
}

endpoint* line_handler::wanted_endpoint() {
    if (ignored_depth_ > 0 || depth_ == 0) return nullptr;
    if (member_ == member::source) return &flow_.source;
    return member_ == member::destination ? &flow_.destination : nullptr;
}

bool line_handler::is_flow() const {
    return line_seen_.has_any(of_a_flow);
}

bool line_handler::says_event() const {
    return line_seen_.has_any(of_an_event);
}

std::string_view line_handler::end_line() {
    if (line_seen_.has_any(of_a_bare_flow) && line_seen_.has(member::flow))
        return "members of a flow beside the member 'flow'";
    if (is_flow())
        finish_flow();
    else if (line_seen_.has(member::lost_events))
        batch_->lost.push_back(std::move(lost_));
    else if (line_seen_.has(member::node_status))
        ++batch_->other_events, batch_->nodes.push_back(std::move(node_));
    else if (line_seen_.has(member::other_event))
        ++batch_->other_events;
    else
        return "no flow in this object";
    return {};
}

void line_handler::finish_flow() {
    if (flow_.time_ns == 0) flow_.time_ns = envelope_time_ns_;
    if (flow_.node_name.empty()) flow_.node_name = envelope_node_;
    finish_endpoint(flow_.source);
    finish_endpoint(flow_.destination);
    batch_->flows.push_back(flow_);
}

void line_handler::finish_endpoint(endpoint& target) {
    if (!target.labels) target.labels = labels_.find({}, batch_->overflow_labels);
}

bool line_handler::refuse(std::string_view problem, error_code& ec) {
    problem_ = problem;
    ec = boost::json::make_error_code(boost::json::error::syntax);
    return false;
}

bool line_handler::enter(scope scope) {
    frames_[depth_++] = {scope, &keys_of(scope), {}};
    in_array_ = false;
    return true;
}

bool line_handler::enter_protocol(l4_protocol protocol, scope scope, error_code& ec) {
    if (flow_.protocol != l4_protocol::none) return refuse("more than one protocol in 'l4'", ec);
    flow_.protocol = protocol;
    return enter(scope);
}

bool line_handler::enter_record(l7_record record, scope scope, error_code& ec) {
    if (flow_.l7 != l7_record::none && flow_.l7 != l7_record::other) return refuse("more than one record in 'l7'", ec);
    flow_.l7 = record;
    return enter(scope);
}

bool line_handler::enter_endpoint(endpoint& target) {
    target.present = true;
    endpoint_ = &target;
    return enter(scope::endpoint);
}

bool line_handler::on_object_begin(error_code& ec) {
    if (ignored_depth_ > 0) return ++ignored_depth_, true;
    if (depth_ == 0) return enter(scope::line);
    switch (member_) {
        case member::flow: return enter(scope::flow);
        case member::ip: return enter(scope::ip);
        case member::l4: return enter(scope::l4);
        case member::tcp: return enter_protocol(l4_protocol::tcp, scope::ports, ec);
        case member::udp: return enter_protocol(l4_protocol::udp, scope::ports, ec);
        case member::sctp: return enter_protocol(l4_protocol::sctp, scope::ports, ec);
        case member::icmpv4: return enter_protocol(l4_protocol::icmpv4, scope::icmp, ec);
        case member::icmpv6: return enter_protocol(l4_protocol::icmpv6, scope::icmp, ec);
        case member::other_protocol: return enter_protocol(l4_protocol::other, scope::nothing, ec);
        case member::flags: return enter(scope::tcp_flags);
        case member::source: return enter_endpoint(flow_.source);
        case member::destination: return enter_endpoint(flow_.destination);
        case member::workloads: return enter(scope::workload);
        case member::event_type: return enter(scope::event_type);
        case member::l7: flow_.l7 = l7_record::other; return enter(scope::l7);
        case member::http: return enter_record(l7_record::http, scope::http, ec);
        case member::dns: return enter_record(l7_record::dns, scope::dns, ec);
        case member::other_record: return enter_record(l7_record::other, scope::nothing, ec);
        case member::denied_by: return enter(scope::policy);
        case member::aggregate: return enter(scope::aggregate);
        case member::to_service:
            flow_.to_service = true;
            ignored_depth_ = 1;
            return true;
        case member::lost_events: return enter(scope::lost_events);
        case member::node_status: return enter(scope::node_status);
        case member::other_event:
        case member::ignored: ignored_depth_ = 1; return true;
        default: return refuse("an object where a plain value belongs", ec);
    }
}

bool line_handler::on_object_end(std::size_t, error_code&) {
    if (ignored_depth_ > 0) return --ignored_depth_, true;
    const frame& ended = frames_[--depth_];
    // The elements of these lists are objects: the list goes on behind each.
    if (ended.scope == scope::workload) in_array_ = true, member_ = member::workloads;
    if (ended.scope == scope::policy) in_array_ = true, member_ = member::denied_by;
    return true;
}

bool line_handler::on_array_begin(error_code& ec) {
    if (ignored_depth_ > 0) return ++ignored_depth_, true;
    if (depth_ == 0) return refuse("a JSON array without a flow", ec);
    switch (member_) {
        case member::labels:
        case member::destination_names:
        case member::dns_ips:
        case member::node_names:
        case member::workloads:
        case member::denied_by:
            if (in_array_) return refuse("a list in a list", ec);
            in_array_ = true;
            names_.clear();
            return true;
        case member::other_event:
        case member::ignored: ignored_depth_ = 1; return true;
        default: return refuse("a list where a single value belongs", ec);
    }
}

bool line_handler::on_array_end(std::size_t, error_code&) {
    if (ignored_depth_ > 0) return --ignored_depth_, true;
    in_array_ = false;
    if (member_ == member::labels) endpoint_->labels = labels_.find(names_, batch_->overflow_labels);
    if (member_ == member::destination_names) flow_.destination_names = kept_names();
    if (member_ == member::dns_ips) flow_.dns_ips = kept_names();
    return true;
}

std::span<const std::string_view> line_handler::kept_names() {
    if (names_.empty()) return {};
    auto* const kept = static_cast<std::string_view*>(
        batch_->arena.allocate(names_.size() * sizeof(std::string_view), alignof(std::string_view)));
    std::uninitialized_copy(names_.begin(), names_.end(), kept);
    return {kept, names_.size()};
}

bool line_handler::on_key_part(std::string_view text, std::size_t, error_code&) {
    if (ignored_depth_ == 0) part_ += text;
    return true;
}

bool line_handler::on_key(std::string_view text, std::size_t, error_code& ec) {
    if (ignored_depth_ > 0) return true;
    frame& top = frames_[depth_ - 1];
    in_array_ = false;
    if (part_.empty()) {
        member_ = top.keys->find(text);
    } else {
        part_ += text;
        member_ = top.keys->find(part_);
        part_.clear();
    }
    if (top.seen.has(member_) && !may_repeat(member_)) return refuse("a member stands twice in one object", ec);
    top.seen.add(member_);
    if (depth_ == 1) line_seen_.add(member_);
    return true;
}

bool line_handler::on_string_part(std::string_view text, std::size_t, error_code&) {
    if (ignored_depth_ == 0 && member_ != member::ignored) part_ += text;
    return true;
}

bool line_handler::on_string(std::string_view text, std::size_t, error_code& ec) {
    if (ignored_depth_ > 0 || member_ == member::ignored) return true;
    if (depth_ == 0) return refuse("a JSON string, not an object", ec);
    if (part_.empty()) return store_string(text, ec);
    part_ += text;
    const std::string whole = std::move(part_);
    part_.clear();
    return store_string(whole, ec);
}

// null is absent: it must not decide what a line is.
bool line_handler::on_null(error_code&) {
    if (ignored_depth_ == 0 && depth_ == 1) line_seen_.remove(member_);
    return true;
}

}  // namespace cpg::json

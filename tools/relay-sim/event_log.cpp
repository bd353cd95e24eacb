// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "event_log.hpp"

#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "flow_filter.hpp"

namespace cpg::sim {

namespace {

constexpr std::int64_t second = 1'000'000'000;

grpc::ByteBuffer serialized(const observer::GetFlowsResponse& message) {
    const grpc::Slice slice(message.SerializeAsString());
    return {&slice, 1};
}

// A google.protobuf.Timestamp of a fixed size: numbers of five bytes whatever their value, which every parser
// reads.
std::string wide_timestamp(std::int64_t time_ns) {
    std::string out;
    const auto put = [&out](char tag, std::uint64_t value) {
        out += tag;
        for (int byte = 0; byte < 4; ++byte, value >>= 7)
            out += static_cast<char>(value | 0x80);
        out += static_cast<char>(value & 0x7f);
    };
    put(0x08, static_cast<std::uint64_t>(time_ns / second));
    put(0x10, static_cast<std::uint64_t>(time_ns % second));
    return out;
}

// Hubble's are random there too.
constexpr std::size_t uuid_tail = 12;

std::string tail_of_pass(std::uint64_t pass) {
    char digits[uuid_tail + 1];
    std::snprintf(digits, sizeof digits, "%012llx", static_cast<unsigned long long>(pass & 0xffff'ffff'ffff));
    return digits;
}

std::int64_t time_of_message(const observer::GetFlowsResponse& message) {
    const auto& time = message.flow().has_time() ? message.flow().time() : message.time();
    return time.seconds() * second + time.nanos();
}

void set_times(observer::GetFlowsResponse& message, std::int64_t time_ns) {
    message.mutable_time()->set_seconds(time_ns / second);
    message.mutable_time()->set_nanos(static_cast<std::int32_t>(time_ns % second));
    *message.mutable_flow()->mutable_time() = message.time();
}

}  // namespace

std::vector<observer::GetFlowsResponse> read_capture(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw fatal_error("can't open the capture " + path);
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    std::vector<observer::GetFlowsResponse> out;
    std::uint64_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        observer::GetFlowsResponse message;
        const auto status = google::protobuf::util::JsonStringToMessage(line, &message, options);
        if (!status.ok()) throw fatal_error(path + ":" + std::to_string(number) + ": " + std::string(status.message()));
        if (message.has_flow()) out.push_back(std::move(message));
    }
    return out;
}

event_log::entry event_log::make_entry(observer::GetFlowsResponse message, std::int64_t skew_ns) {
    // The longest a time can be: what is written into its place later has the same size.
    constexpr std::int64_t marker = 2'000'000'000 * second + 999'999'999;
    const std::int64_t true_time = time_of_message(message);
    if (skew_ns != 0) set_times(message, true_time + skew_ns);
    entry out{message.flow(), serialized(message), true_time, skew_ns, {}, {}, 0};
    set_times(message, marker);
    std::string& uuid = *message.mutable_flow()->mutable_uuid();
    uuid.resize(std::max(uuid.size(), uuid_tail), '0');
    out.later = message.SerializeAsString();
    out.uuid_gap = out.later.find(uuid) + uuid.size() - uuid_tail;
    const std::string gap = wide_timestamp(marker);
    for (std::size_t at = out.later.find(gap); at != std::string::npos; at = out.later.find(gap, at + 1))
        out.time_gaps.push_back(at);
    return out;
}

event_log::event_log(std::vector<observer::GetFlowsResponse> flows, bool loop, std::chrono::nanoseconds skew)
    : loop_(loop && !flows.empty()) {
    std::map<std::string, std::int64_t> clocks;
    for (const observer::GetFlowsResponse& message : flows)
        clocks[message.flow().node_name()];
    for (auto& [node, ahead] : clocks) {
        ahead = std::exchange(most_skew_ns_, most_skew_ns_ + skew.count());
        last_node_ = node;
    }
    for (observer::GetFlowsResponse& message : flows) {
        const std::int64_t ahead = clocks[message.flow().node_name()];
        entries_.push_back(make_entry(std::move(message), ahead));
    }
    // Looked up by time, and a relay sends in its order.
    std::ranges::stable_sort(entries_, {}, &entry::time_ns);
    if (!entries_.empty()) span_ns_ = entries_.back().time_ns - entries_.front().time_ns + 1'000'000;
}

// Hubble takes the envelope's time and node from what the mask has left of the flow.
event_log::event_log(const event_log& whole, const google::protobuf::FieldMask& fields) : event_log(whole) {
    for (entry& each : entries_) {
        observer::GetFlowsResponse message;
        *message.mutable_flow() = each.flow;
        google::protobuf::util::FieldMaskUtil::TrimMessage(fields, message.mutable_flow());
        if (message.flow().has_time()) *message.mutable_time() = message.flow().time();
        message.set_node_name(message.flow().node_name());
        entry trimmed = make_entry(std::move(message), 0);
        trimmed.flow = std::move(each.flow);
        trimmed.time_ns = each.time_ns;
        trimmed.skew_ns = each.skew_ns;
        each = std::move(trimmed);
    }
}

std::vector<std::size_t> event_log::matching(const observer::GetFlowsRequest& request) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (is_asked_for(request, entries_[i].flow)) out.push_back(i);
    return out;
}

std::uint64_t event_log::first_since(std::int64_t time_ns) const {
    time_ns -= most_skew_ns_;
    if (entries_.empty() || time_ns <= entries_.front().time_ns) return 0;
    const std::int64_t behind = time_ns - entries_.front().time_ns;
    const std::int64_t pass = loop_ ? behind / span_ns_ : 0;
    const auto place = std::ranges::lower_bound(entries_, time_ns - pass * span_ns_, {}, &entry::time_ns);
    return static_cast<std::uint64_t>(pass) * entries_.size() + static_cast<std::uint64_t>(place - entries_.begin());
}

std::int64_t event_log::time_of(std::uint64_t event) const {
    const std::uint64_t pass = event / entries_.size();
    const entry& stored = entries_[event % entries_.size()];
    return stored.time_ns + stored.skew_ns + static_cast<std::int64_t>(pass) * span_ns_;
}

grpc::ByteBuffer event_log::message(std::uint64_t event) const {
    const entry& stored = entries_[event % entries_.size()];
    const std::uint64_t pass = event / entries_.size();
    if (pass == 0) return stored.bytes;
    std::string bytes = stored.later;
    for (const std::size_t at : stored.time_gaps)
        bytes.replace(at, 12, wide_timestamp(time_of(event)));
    bytes.replace(stored.uuid_gap, uuid_tail, tail_of_pass(pass));
    const grpc::Slice slice(bytes);
    return {&slice, 1};
}

}  // namespace cpg::sim

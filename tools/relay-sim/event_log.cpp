// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "event_log.hpp"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

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

event_log::entry event_log::make_entry(observer::GetFlowsResponse message) {
    // The longest a time can be: what is written into its place later has the same size.
    constexpr std::int64_t marker = 2'000'000'000 * second + 999'999'999;
    const auto time = message.flow().has_time() ? message.flow().time() : message.time();
    entry out{message.flow(), serialized(message), time.seconds() * second + time.nanos(), {}, {}, 0};
    message.mutable_time()->set_seconds(marker / second);
    message.mutable_time()->set_nanos(marker % second);
    *message.mutable_flow()->mutable_time() = message.time();
    std::string& uuid = *message.mutable_flow()->mutable_uuid();
    uuid.resize(std::max(uuid.size(), uuid_tail), '0');
    out.later = message.SerializeAsString();
    out.uuid_gap = out.later.find(uuid) + uuid.size() - uuid_tail;
    const std::string gap = wide_timestamp(marker);
    for (std::size_t at = out.later.find(gap); at != std::string::npos; at = out.later.find(gap, at + 1))
        out.time_gaps.push_back(at);
    return out;
}

event_log::event_log(std::vector<observer::GetFlowsResponse> flows, bool loop) : loop_(loop && !flows.empty()) {
    for (observer::GetFlowsResponse& message : flows)
        entries_.push_back(make_entry(std::move(message)));
    // Looked up by time, and a relay sends in its order.
    std::ranges::stable_sort(entries_, {}, &entry::time_ns);
    if (!entries_.empty()) span_ns_ = entries_.back().time_ns - entries_.front().time_ns + 1'000'000;
}

std::vector<std::size_t> event_log::matching(const observer::GetFlowsRequest& request) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (is_asked_for(request, entries_[i].flow)) out.push_back(i);
    return out;
}

std::uint64_t event_log::first_since(std::int64_t time_ns) const {
    if (entries_.empty() || time_ns <= entries_.front().time_ns) return 0;
    const std::int64_t behind = time_ns - entries_.front().time_ns;
    const std::int64_t pass = loop_ ? behind / span_ns_ : 0;
    const auto place = std::ranges::lower_bound(entries_, time_ns - pass * span_ns_, {}, &entry::time_ns);
    return static_cast<std::uint64_t>(pass) * entries_.size() + static_cast<std::uint64_t>(place - entries_.begin());
}

std::int64_t event_log::time_of(std::uint64_t event) const {
    const std::uint64_t pass = event / entries_.size();
    return entries_[event % entries_.size()].time_ns + static_cast<std::int64_t>(pass) * span_ns_;
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

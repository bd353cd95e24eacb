// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Lines of a capture as the messages that Hubble Relay would send for them.

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "observer/observer.pb.h"

namespace cpg::test {

inline observer::GetFlowsResponse response_of(const std::string& line) {
    observer::GetFlowsResponse out;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    const auto status = google::protobuf::util::JsonStringToMessage(line, &out, options);
    if (!status.ok()) throw std::runtime_error(status.ToString() + " in " + line);
    return out;
}

inline std::vector<observer::GetFlowsResponse> responses_in(const std::string& path) {
    std::vector<observer::GetFlowsResponse> out;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        out.push_back(response_of(line));
    if (out.empty()) throw std::runtime_error("no lines in " + path);
    return out;
}

/// A message with little in it but what tells it from others.
inline observer::GetFlowsResponse numbered_response(std::uint64_t number, std::int64_t seconds = 1'700'000'000) {
    observer::GetFlowsResponse out;
    auto& flow = *out.mutable_flow();
    flow.set_uuid("flow-" + std::to_string(number));
    flow.set_verdict(::flow::DROPPED);
    flow.mutable_time()->set_seconds(seconds);
    flow.mutable_time()->set_nanos(static_cast<std::int32_t>(number % 1'000'000'000));
    *out.mutable_time() = flow.time();
    return out;
}

}  // namespace cpg::test

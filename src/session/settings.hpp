// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a session is to do. Plain values.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "classify/gates.hpp"
#include "evidence/writer.hpp"
#include "flow/labels.hpp"
#include "output/policy_writer.hpp"
#include "policy/rule_shape.hpp"

namespace cpg {

struct session_result;

/// Whether the connections that flows show are told apart, for asking policies about them.
enum class survey : std::uint8_t {
    none,
    beside,  ///< and policies are made as ever
    alone,   ///< and nothing is written
};

inline constexpr std::chrono::seconds usual_flush_interval{5};

struct session_settings {
    gate_settings gates;
    rule_shape shape;
    std::size_t least_l7_flows = 1;  ///< of a request or query, to make a rule
    selecting_keys select_by = default_selecting_keys();
    writer_settings writer;
    std::optional<evidence_settings> evidence;               ///< none is kept without, and in a dry run
    std::optional<std::chrono::nanoseconds> flush_interval;  ///< usual_flush_interval where it was not given
    bool writes_at_end = false;                              ///< alone, or at a signal
    std::optional<std::chrono::nanoseconds> duration;        ///< stop by itself after this long
    std::size_t samples = 0;                                 ///< of each rule, for evidence
    cpg::survey survey = cpg::survey::none;
    bool by_cluster = false;            ///< a workload is one cluster's, and has its files in a folder of that name
    bool ends_process = false;          ///< the memory of the session is left to the kernel
    std::size_t threads = 0;            ///< 0: worker_count()
    bool status_line = false;           ///< progress on a terminal, which stderr is
    std::shared_ptr<std::string> diff;  ///< of a dry run; to be read when the session has ended
    std::shared_ptr<std::string> health_file;  ///< what people are told of it; likewise
    /// Called with the result while the folders are still the session's.
    std::function<void(const session_result&)> at_end = [](const session_result&) {};
    /// How long, once a stop is wanted, the input may take to end, and one file to be written.
    std::chrono::nanoseconds patience = std::chrono::seconds(30);
    /// Called, before the session would end, when a thread is stuck in a call to the system, which nothing can end but
    /// the end of the process. Should not return.
    std::function<void(const session_result&)> when_stuck;
};

}  // namespace cpg

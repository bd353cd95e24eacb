// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The wiring: one io_context drives source, decoding, shards, flushes, the writer and the signals; src/README.md has
// the picture. A session is a call that blocks one thread, which works on nothing itself; everything else happens on
// strands, and has ended before anything that it uses goes.

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "aggregate/aggregator.hpp"
#include "base/log.hpp"
#include "evidence/known_pods.hpp"
#include "session/result.hpp"
#include "session/settings.hpp"
#include "source/flow_source.hpp"

namespace cpg {

/// Where a session's work runs.
struct session_executors {
    asio::any_io_executor pool;    ///< in parallel
    asio::any_io_executor strand;  ///< one thing after the other: every call to a source, and its timers
};

/// Makes the source of a session, which owns it.
using source_maker = std::function<std::unique_ptr<flow_source>(const session_executors&)>;

/// Returns when the source has ended, or a signal or the duration has ended it, and everything is written. Throws what
/// `make_source` throws, and fatal_error when a folder can't be had.
session_result run_session(session_settings settings, logger& log, const source_maker& make_source);

/// What a session has added up.
struct session_sums {
    std::vector<const aggregator*> shards;
    known_pods pods;
};

/// The same, but that nothing is written: `take` is given the sums, which are gone when it has returned. From then on a
/// signal ends the process. Where a thread hangs there are none.
session_result add_up_session(session_settings settings, logger& log, const source_maker& make_source,
                              const std::function<void(const session_sums&, const session_result&)>& take);

}  // namespace cpg

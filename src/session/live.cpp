// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/live.hpp"

#include <utility>

#include "source/relay_stream.hpp"

namespace cpg {

session_result capture_live(session_settings settings, relay_options relay, logger& log) {
    session run(std::move(settings), log);
    relay_stream source(run.strand(), std::move(relay), log);
    return run.run(source);
}

}  // namespace cpg

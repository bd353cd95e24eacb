// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The signals that end cpg in order. Any thread.

#include <asio/signal_set.hpp>
#include <string_view>

#include "base/error.hpp"

namespace cpg {

/// Somebody does not want to wait for what comes before a session.
class stopped_by_signal : public fatal_error {
  public:
    using fatal_error::fatal_error;
};

/// SIGINT, SIGTERM, and SIGHUP unless it is ignored, as nohup(1) wants it.
void add_stop_signals(asio::signal_set& to);

std::string_view signal_name(int stop_signal);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The line that is rewritten in place on a terminal while a session runs, in whatever width the terminal has. Every
// call belongs to the session strand.

#include <asio/any_io_executor.hpp>
#include <asio/signal_set.hpp>
#include <functional>

#include "base/log.hpp"
#include "base/rearmed_timer.hpp"
#include "session/progress.hpp"

namespace cpg {

class status_line {
  public:
    /// `now` tells how far the session is.
    status_line(asio::any_io_executor strand, std::function<session_progress()> now, logger& log);

    void start();
    /// The line is gone.
    void stop();
    /// A change of the terminal's size has its usual effect again.
    void give_signals_back();

  private:
    void await_resize();
    void await_tick();
    void draw();

    const std::function<session_progress()> now_;
    logger& log_;
    asio::signal_set resized_;
    rearmed_timer timer_;
    bool stopped_ = false;
};

}  // namespace cpg

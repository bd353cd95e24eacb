// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/stop_signals.hpp"

#include <csignal>

namespace cpg {

namespace {

bool is_ignored(int signal) {
    struct sigaction now {};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

void add_stop_signals(asio::signal_set& to) {
    to.add(SIGINT);
    to.add(SIGTERM);
    if (!is_ignored(SIGHUP)) to.add(SIGHUP);
}

std::string_view signal_name(int stop_signal) {
    return stop_signal == SIGINT ? "SIGINT" : stop_signal == SIGHUP ? "SIGHUP" : "SIGTERM";
}

}  // namespace cpg

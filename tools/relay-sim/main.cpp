// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <csignal>
#include <iostream>

#include "base/error.hpp"
#include "base/files.hpp"
#include "command_line.hpp"
#include "relay_server.hpp"

namespace {

// Blocked before gRPC starts its threads, which inherit that: only sigwait() takes them.
sigset_t block_end_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

int serve(const cpg::sim::settings& settings) {
    const sigset_t signals = block_end_signals();
    const cpg::sim::relay_server server(settings);
    std::cout << "listening on " << server.address() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto settings = cpg::sim::parse_command_line(argc, argv);
        if (settings) return serve(*settings);
        std::cout << cpg::sim::help_text();
        return 0;
    } catch (const cpg::usage_error& error) {
        std::cerr << "relay-sim: " << error.what() << "; see relay-sim --help\n";
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "relay-sim: " << error.what() << "\n";
        return 3;
    }
}

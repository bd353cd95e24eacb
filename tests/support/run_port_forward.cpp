// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The automatic port-forward alone: `run_port_forward [KUBECONFIG [CONTEXT]]` prints the socket's name and
// pumps until SIGINT or SIGTERM. For looking at a cluster by hand; the socket serves this process only, so it
// also connects to it once itself and prints how many bytes the relay says first.

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdio>
#include <exception>

#include "base/log.hpp"
#include "k8s/config/load_access.hpp"
#include "k8s/tunnel/port_forward.hpp"

namespace {

using namespace std::chrono_literals;
using local = asio::local::stream_protocol;

asio::awaitable<void> try_out(asio::io_context& context, cpg::k8s::port_forward& forward) {
    co_await forward.start(std::chrono::steady_clock::now() + 10s);
    std::printf("%s\n", forward.target().c_str());
    std::fflush(stdout);
    local::socket socket(context);
    const local::endpoint endpoint(std::string(1, '\0') + forward.target().substr(14));
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    std::array<char, 4096> buffer{};
    for (;;) {
        const std::size_t count = co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
        std::printf("%zu bytes from the relay\n", count);
        std::fflush(stdout);
    }
}

int run(int argc, char** argv) {
    cpg::logger log({.level = cpg::log_level::debug, .json = false, .colour = false, .descriptor = 2});
    auto request = cpg::k8s::access_request::from_environment();
    if (argc > 1) request.kubeconfig_file = argv[1];
    if (argc > 2) request.context = argv[2];
    asio::io_context context;
    cpg::k8s::port_forward forward(context.get_executor(), cpg::k8s::load_cluster_access(request, log), log);
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const asio::error_code&, int) { forward.stop(); });
    int status = 0;
    asio::co_spawn(context, try_out(context, forward), [&](const std::exception_ptr& failed) {
        try {
            if (failed) std::rethrow_exception(failed);
        } catch (const std::exception& error) {
            log.error(error.what(), {{"tunnel", forward.last_error()}});
            status = 3;
            signals.cancel();
        }
    });
    context.run();
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 3;
    }
}

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Stands in for an API server, or for a proxy: accepts on loopback, with or without TLS, reads the head of a
// request and lets the test answer with whatever bytes it likes. A connection ends with its answer unless the client
// asks for more on it. Runs on the test's
// io_context.

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s/net/connection.hpp"
#include "support/certificates.hpp"

namespace cpg::test {

struct seen_request {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string client;                          ///< common name of the client's certificate
    std::string server_name;                     ///< SNI
};

struct stand_in_tls {
    certificate server;
    std::string chain;         ///< further certificates to send
    std::string client_roots;  ///< asks the client for a certificate when not empty
};

class api_stand_in {
  public:
    using handler = std::function<asio::awaitable<void>(const seen_request&, k8s::connection&)>;

    api_stand_in(asio::io_context& context, handler answer, std::optional<stand_in_tls> tls = std::nullopt);
    ~api_stand_in();

    unsigned short port() const;
    const std::vector<seen_request>& requests() const;
    /// That requests came on.
    std::size_t connections() const;
    /// Those that are open; new ones are taken.
    void close_connections();
    void stop();

  private:
    // Shared with the coroutines, which may run on for a while when the object is gone.
    class state;
    std::shared_ptr<state> state_;
};

/// A whole answer with Content-Length.
std::string http_text(unsigned status, const std::string& body, const std::string& type = "application/json",
                      const std::string& more_headers = {});
/// A Status object as the API server writes it.
std::string status_text(unsigned code, const std::string& reason, const std::string& message,
                        const std::string& kind = {});

/// A handler that gives these answers by the longest prefix of "METHOD target", and 404 otherwise.
api_stand_in::handler answers(std::map<std::string, std::string> by_prefix);

/// Runs the coroutine on the context for at most 20 s. Rethrows what it throws.
template <typename T>
T run(asio::io_context& context, asio::awaitable<T> body);
void run(asio::io_context& context, asio::awaitable<void> body);

/// Copies bytes both ways until one side ends.
asio::awaitable<void> pump_bytes(k8s::connection& left, k8s::connection& right);

/// A plain connection to a port of this machine.
asio::awaitable<std::unique_ptr<k8s::connection>> connect_local(unsigned short port);

}  // namespace cpg::test

#include <asio/co_spawn.hpp>
#include <stdexcept>

namespace cpg::test {

template <typename T>
T run(asio::io_context& context, asio::awaitable<T> body) {
    std::optional<T> out;
    std::exception_ptr failed;
    bool done = false;
    asio::co_spawn(context, std::move(body), [&](std::exception_ptr error, T value) {
        done = true;
        failed = error;
        if (!error) out.emplace(std::move(value));
    });
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    context.restart();
    while (!done && std::chrono::steady_clock::now() < until)
        context.run_one_for(std::chrono::milliseconds(100));
    if (!done) throw std::runtime_error("the coroutine did not end in time");
    if (failed) std::rethrow_exception(failed);
    return std::move(*out);
}

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Requests to the Kubernetes API server. One connection a request but while keep_open() says otherwise; a 401 renews
// the credentials and asks once more; a Retry-After is obeyed while the deadline allows. Used on one executor that
// never runs two handlers at once; every coroutine must be spawned on it. Logs method, path and status, never a header
// or a body.

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "k8s/config/access.hpp"
#include "k8s/config/credentials.hpp"
#include "k8s/net/connection.hpp"
#include "k8s/net/dial.hpp"
#include "k8s/net/proxy.hpp"

namespace cpg::k8s {

enum class api_fault : std::uint8_t { unauthorized, forbidden, not_found, expired, other };

/// An answer that is not a success, read as client-go reads it: the Status object where there is one, else
/// the code and the text.
struct api_status {
    api_fault fault = api_fault::other;
    unsigned code = 0;
    std::string reason;
    std::string message;
    std::string kind;  ///< details.kind: what was not found or forbidden
};

api_status read_status(const http_answer& answer);

class api_error : public cluster_error {
  public:
    api_error(const std::string& what, api_status answered)
        : cluster_error(what, answered.fault == api_fault::unauthorized || answered.fault == api_fault::forbidden),
          status(std::move(answered)) {}

    const api_status status;
};

/// An upgrade's answer; `stream` goes on in the new protocol when the status is 101.
struct upgrade_answer {
    http_answer answer;
    std::unique_ptr<connection> stream;
    identity used;
};

class api_client {
  public:
    api_client(const asio::any_io_executor& executor, const cluster_access& access, logger& log,
               const std::string& user_agent, const proxy_environment& proxies = proxy_environment::from_process());

    /// The body of a 200. Throws api_error, cluster_error, fatal_error (credentials).
    asio::awaitable<std::string> get(std::string path, steady_time until);

    /// While it lives, a get() goes on with the connection of the one before where the server has left it open. The
    /// client must outlive it.
    class kept_open {
      public:
        explicit kept_open(api_client& client) : client_(client) { ++client_.keepers_; }
        kept_open(const kept_open&) = delete;
        kept_open& operator=(const kept_open&) = delete;
        ~kept_open() {
            if (--client_.keepers_ == 0) client_.kept_.stream.reset();
        }

      private:
        api_client& client_;
    };
    kept_open keep_open() { return kept_open(*this); }

    /// One attempt to leave HTTP, without renewal or retry. Any status is an answer.
    asio::awaitable<upgrade_answer> upgrade(http_request request, steady_time until);

    /// A 401 came for this identity; true when the next request may have a better one.
    bool refuse(const identity& refused) { return credentials_.refuse(refused); }

    /// What stands before the path in messages: https://host:port.
    std::string server() const;
    const cluster_access& access() const { return access_; }

  private:
    // A connection with nothing under way, and the client's certificate that it was opened with.
    struct idle_connection {
        std::unique_ptr<connection> stream;
        std::string certificate, key;
    };

    asio::awaitable<http_answer> send_once(http_request request, identity& used, steady_time until);
    asio::awaitable<http_answer> answer_to(const http_request& request, const identity& used, steady_time until);
    void complete(http_request& request, const identity& used) const;
    asio::awaitable<std::unique_ptr<connection>> open(const identity& used, steady_time until);
    std::unique_ptr<connection> take_kept(const identity& used);
    void keep(std::unique_ptr<connection> stream, const http_answer& answer, const identity& used);

    asio::any_io_executor executor_;
    cluster_access access_;
    logger& log_;
    std::string user_agent_;
    std::optional<url_parts> proxy_;
    credentials credentials_;
    kept_tls_context tls_;
    int keepers_ = 0;
    idle_connection kept_;
};

}  // namespace cpg::k8s

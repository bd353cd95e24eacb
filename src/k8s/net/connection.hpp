// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// An open byte stream to the API server, whatever lies under it: TCP, TLS, TLS through a proxy. One read and
// one write may be under way at a time, both on the executor it was made on. Every wait ends by its own
// deadline or by close(); errors are std::system_error, the end of the stream is asio::error::eof.

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/deadline.hpp"
#include "k8s/net/cluster_error.hpp"
#include "k8s/net/http.hpp"

namespace cpg::k8s {

class connection {
  public:
    connection() = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    virtual ~connection() = default;

    /// What was given back comes first.
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer into);
    /// `bytes` must live until the write is done.
    virtual asio::awaitable<void> write(std::string_view bytes) = 0;
    virtual void close() = 0;

    /// Bytes that were read and belong to who reads next.
    void give_back(std::string bytes) { unread_ = std::move(bytes); }
    /// What comes next is already here, unasked where nothing was asked for.
    bool has_unread() const { return !unread_.empty(); }

  private:
    virtual asio::awaitable<std::size_t> receive(asio::mutable_buffer into) = 0;

    std::string unread_;
};

/// The system's words for an error, in lower case.
std::string connect_reason(const std::error_code& error);

/// Sends the request and reads the whole answer; what came behind it is given back to the stream, as after a 101 the
/// first bytes of the new protocol. Throws cluster_error.
asio::awaitable<http_answer> exchange(connection& stream, const http_request& request, bool head_only,
                                      steady_time until);

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A connection over an Asio stream, owned (`Stream` a type) or lent for a while (`Stream` a reference). Used
// where streams are made; everybody else knows only connection.hpp. Same executor rules as there.

#include <asio/redirect_error.hpp>
#include <asio/ssl/context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "k8s/net/connection.hpp"

namespace cpg::k8s {

/// The TLS contexts that a stream's layers need for as long as it lives.
using tls_contexts = std::vector<std::shared_ptr<asio::ssl::context>>;

template <typename Stream>
class stream_connection final : public connection {
  public:
    explicit stream_connection(Stream&& stream, tls_contexts contexts = {})
        : contexts_(std::move(contexts)), stream_(std::forward<Stream>(stream)) {}

    asio::awaitable<void> write(std::string_view bytes) override {
        co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), asio::use_awaitable);
    }

    void close() override {
        asio::error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

  private:
    asio::awaitable<std::size_t> receive(asio::mutable_buffer into) override {
        co_return co_await stream_.async_read_some(into, asio::use_awaitable);
    }

    tls_contexts contexts_;
    Stream stream_;
};

}  // namespace cpg::k8s

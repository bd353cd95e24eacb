// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A SOCKS 5 proxy on loopback that asks for user and password and connects to ports of this machine, whatever
// the name. Runs on the test's io_context.

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <string>
#include <system_error>

#include "k8s/net/stream_connection.hpp"
#include "support/api_stand_in.hpp"

namespace cpg::test {

class socks_stand_in {
  public:
    /// `reply`: the code of RFC 1928 to answer with; 0 connects.
    socks_stand_in(asio::io_context& context, char reply)
        : reply_(reply), acceptor_(context, {asio::ip::address_v4::loopback(), 0}) {
        asio::co_spawn(context, accept(), asio::detached);
    }

    unsigned short port() const { return acceptor_.local_endpoint().port(); }
    const std::string& login() const { return login_; }
    const std::string& host() const { return host_; }

  private:
    using socket_type = asio::ip::tcp::socket;

    asio::awaitable<void> accept() {
        for (;;) {
            asio::error_code error;
            socket_type socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return;
            try {
                co_await serve(std::move(socket));
            } catch (const std::system_error&) {
                // The client went away.
            }
        }
    }

    asio::awaitable<std::string> read(socket_type& socket, std::size_t count) {
        std::string out(count, '\0');
        co_await asio::async_read(socket, asio::buffer(out), asio::use_awaitable);
        co_return out;
    }
    asio::awaitable<void> write(socket_type& socket, std::string bytes) {
        co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
    }
    // A length byte and so many more.
    asio::awaitable<std::string> read_counted(socket_type& socket) {
        const std::string length = co_await read(socket, 1);
        co_return co_await read(socket, static_cast<unsigned char>(length[0]));
    }

    asio::awaitable<void> serve(socket_type socket) {
        co_await read(socket, 1);
        const std::string methods = co_await read_counted(socket);
        const std::string chosen = methods.find('\x02') == std::string::npos ? "\x05\xff" : "\x05\x02";
        co_await write(socket, chosen);
        co_await read(socket, 1);
        login_ = co_await read_counted(socket);
        const std::string password = co_await read_counted(socket);
        login_ += ":" + password;
        const std::string welcome("\x01\x00", 2);
        co_await write(socket, welcome);
        co_await read(socket, 4);
        host_ = co_await read_counted(socket);
        const std::string port = co_await read(socket, 2);
        std::string answer("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00", 10);
        answer[1] = reply_;
        co_await write(socket, answer);
        if (reply_ != 0) co_return;
        const auto number = static_cast<unsigned short>(static_cast<unsigned char>(port[0]) * 256 +
                                                        static_cast<unsigned char>(port[1]));
        const auto target = co_await connect_local(number);
        k8s::stream_connection<socket_type> stream(std::move(socket));
        co_await pump_bytes(stream, *target);
    }

    char reply_;
    asio::ip::tcp::acceptor acceptor_;
    std::string login_;
    std::string host_;
};

}  // namespace cpg::test

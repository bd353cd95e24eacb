// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/tunnel_pump.hpp"

#include <array>
#include <asio/local/connect_pair.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include "support/api_stand_in.hpp"

namespace cpg::k8s {

namespace {

using local = asio::local::stream_protocol;

// Says nothing until it is closed; takes whatever is written.
class silent_server : public connection {
  public:
    explicit silent_server(const asio::any_io_executor& executor) : closed_(executor) {
        closed_.expires_at(steady_time::max());
    }

    asio::awaitable<void> write(std::string_view) override { co_return; }
    void close() override { closed_.cancel(); }

  private:
    asio::awaitable<std::size_t> receive(asio::mutable_buffer) override {
        asio::error_code woken;
        co_await closed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        throw std::system_error(asio::error::eof);
    }

    asio::steady_timer closed_;
};

// Bytes as they are; the error text of the node is what begins with `!`.
class bare_codec : public tunnel_codec {
  public:
    bare_codec() { ready_ = true; }
    void feed(std::string_view bytes) override {
        if (bytes.starts_with('!'))
            add_error_text(bytes.substr(1));
        else
            data_ += bytes;
    }
    void send(std::string_view bytes) override { output_ += bytes; }
    void keep_alive() override {}
    void close() override {}
};

// How the pump ends that is given these bytes of the server's when the other end of the local socket is gone.
std::string end_after(const std::string& first) {
    asio::io_context context;
    local::socket ours(context);
    local::socket grpc(context);
    asio::local::connect_pair(ours, grpc);
    grpc.close();
    silent_server server(context.get_executor());
    server.give_back(first);
    bare_codec codec;
    return test::run(context, pump_tunnel(server, codec, ours, {}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tunnel_pump_suite)

BOOST_AUTO_TEST_CASE(bytes_that_were_given_back_are_read_first_and_in_order) {
    asio::io_context context;
    silent_server server(context.get_executor());
    server.give_back("abcde");
    std::string read;
    for (int i = 0; i < 3; ++i) {
        std::array<char, 2> two{};
        const std::size_t count = test::run(context, server.read_some(asio::buffer(two)));
        read.append(two.data(), count).append("|");
    }
    BOOST_TEST(read == "ab|cd|e|");
    BOOST_TEST(!server.has_unread());
}

BOOST_AUTO_TEST_CASE(an_end_that_grpc_closed_is_no_fault_of_the_pod) {
    BOOST_TEST(end_after("what gRPC does not wait for any more") == "");
    BOOST_TEST(end_after("") == "");
}

BOOST_AUTO_TEST_CASE(what_the_node_said_is_told_whoever_closed_first) {
    BOOST_TEST(end_after("!connection refused") == "connection refused");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

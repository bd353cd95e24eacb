// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The port-forward against containerd's own server of both protocols. Exits 77 where containerd can't run.
#define BOOST_TEST_NO_MAIN
#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "k8s/tunnel/containerd_case.hpp"

namespace cpg::k8s {

namespace {

void check_echo(containerd_case& here, bool websockets) {
    const application app(here.context, echo);
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    BOOST_TEST(test::run(here.context, here.echo_of(*forward, 3'000'000)));
    BOOST_TEST(test::run(here.context, here.echo_of(*forward, 10)));  // a second connection, a second tunnel
    BOOST_TEST(here.logged(websockets ? "\"transport\": \"websocket\"" : "\"transport\": \"spdy\""));
    BOOST_TEST(forward->last_error().empty());
}

void check_refused(containerd_case& here, bool websockets) {
    // Bound, so that nobody else gets it, but not listened to.
    tcp::acceptor closed(here.context);
    closed.open(tcp::v4());
    closed.bind({asio::ip::address_v4::loopback(), 0});
    const int port = closed.local_endpoint().port();
    api_stand_in server(here.context, cluster(port, websockets));
    const auto forward = here.start(server, port);
    BOOST_TEST(test::run(here.context, here.connect_and_read(*forward)).empty());
    BOOST_TEST(forward->last_error().find("connection refused") != std::string::npos, forward->last_error());
    BOOST_TEST(!forward->permanent_error());
}

void check_death(containerd_case& here, bool websockets) {
    const application app(here.context, say_and_die);
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    BOOST_TEST(test::run(here.context, here.connect_and_read(*forward)) == "last words");
    BOOST_TEST(forward->last_error().empty(), forward->last_error());
    BOOST_TEST(test::run(here.context, here.connect_and_read(*forward)) == "last words");
}

// How long a silent connection lives, at most 6 s.
std::chrono::milliseconds silent_life(containerd_case& here, bool websockets) {
    const application app(here.context, echo);
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    const auto begin = std::chrono::steady_clock::now();
    const auto live = [&]() -> asio::awaitable<int> {
        local::socket socket = co_await here.connect(*forward);
        const deadline limit(here.context.get_executor(), begin + 6s, [&] { socket.close(); });
        const std::string got = co_await here.read_all(socket);
        co_return static_cast<int>(got.size());
    };
    test::run(here.context, live());
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

void check_stall(containerd_case& here, bool websockets) {
    constexpr std::size_t whole = 96U << 20U;
    std::size_t written = 0;
    const application app(here.context, [&written](tcp::socket& socket) -> asio::awaitable<void> {
        const std::string block(1U << 20U, 'x');
        while (written < whole) {
            co_await asio::async_write(socket, asio::buffer(block), asio::use_awaitable);
            written += block.size();
        }
    });
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    const auto stall = [&]() -> asio::awaitable<std::size_t> {
        local::socket socket = co_await here.connect(*forward);
        asio::steady_timer pause(here.context, 2s);
        co_await pause.async_wait(asio::use_awaitable);
        BOOST_TEST(written < whole / 2);  // what fits into the sockets' buffers
        const std::string got = co_await here.read_all(socket);
        co_return got.size();
    };
    BOOST_TEST(test::run(here.context, stall()) == whole);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(containerd_suite, containerd_case)

BOOST_AUTO_TEST_CASE(data_streams_through_a_websocket) {
    check_echo(*this, true);
}
BOOST_AUTO_TEST_CASE(data_streams_through_spdy) {
    check_echo(*this, false);
}
BOOST_AUTO_TEST_CASE(a_port_nobody_listens_on_through_a_websocket) {
    check_refused(*this, true);
}
BOOST_AUTO_TEST_CASE(a_port_nobody_listens_on_through_spdy) {
    check_refused(*this, false);
}
BOOST_AUTO_TEST_CASE(an_application_that_dies_behind_a_websocket) {
    check_death(*this, true);
}
BOOST_AUTO_TEST_CASE(an_application_that_dies_behind_spdy) {
    check_death(*this, false);
}
BOOST_AUTO_TEST_CASE(a_reader_that_stalls_holds_up_a_websocket) {
    check_stall(*this, true);
}
BOOST_AUTO_TEST_CASE(a_reader_that_stalls_holds_up_spdy) {
    check_stall(*this, false);
}

BOOST_AUTO_TEST_CASE(without_keep_alive_the_runtime_cuts_a_silent_connection) {
    settings.times.keep_alive = 1h;
    BOOST_TEST((silent_life(*this, true) < 5s));
    BOOST_TEST((silent_life(*this, false) < 5s));
}

BOOST_AUTO_TEST_CASE(with_keep_alive_a_silent_connection_lives) {
    settings.times.keep_alive = 1s;
    BOOST_TEST((silent_life(*this, true) >= 6s));
    BOOST_TEST((silent_life(*this, false) >= 6s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

int main(int argc, char** argv) {
    try {
        cpg::test::container_runtime started("3s");
        cpg::k8s::pod_runtime = &started;
        return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "skipped: %s\n", error.what());
        return 77;
    }
}

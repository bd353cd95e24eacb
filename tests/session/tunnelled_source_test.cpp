// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/tunnelled_source.hpp"

#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>

#include "session/session_parts.hpp"
#include "support/api_stand_in.hpp"
#include "support/patience.hpp"
#include "support/pod_list.hpp"
#include "support/quiet_log.hpp"
#include "support/run_until.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

class receiver final : public flow_receiver {
  public:
    void on_input(piece_ptr) override { ++pieces; }
    void on_end(source_end with) override {
        ++ends;
        problem = with.problem;
    }

    std::size_t pieces = 0;
    std::size_t ends = 0;
    std::string problem;
};

// A stream of two pieces behind a tunnel into a cluster whose API server answers each list of pods with this.
struct tunnelled_case {
    explicit tunnelled_case(const std::string& pods)
        : server(io, [this, pods](const test::seen_request&, k8s::connection& stream) -> asio::awaitable<void> {
              ++asked;
              if (!pods.empty()) co_return co_await stream.write(pods);
              // No answer: it waits until the client has gone.
              char byte = 0;
              co_await stream.read_some(asio::buffer(&byte, 1));
          }) {
        access.server = {.tls = false, .host = "127.0.0.1", .port = std::to_string(server.port()), .prefix = {}};
        settings.proxies = {};
        auto tunnel = std::make_unique<k8s::port_forward>(io.get_executor(), access, test::quiet_log(), settings);
        auto stream = std::make_unique<test::text_source>(io.get_executor(), std::deque<std::string>{"a", "b"});
        inner = stream.get();
        tested.emplace(strand, std::move(tunnel), std::move(stream),
                       std::chrono::steady_clock::now() + test::patient(5s));
    }
    bool run_to_end() {
        return test::run_until(io, [this] { return to.ends > 0; });
    }

    asio::io_context io;
    asio::strand<asio::io_context::executor_type> strand = asio::make_strand(io);
    std::size_t asked = 0;
    k8s::cluster_access access;
    k8s::port_forward_settings settings;
    test::api_stand_in server;
    receiver to;
    test::text_source* inner = nullptr;
    std::optional<tunnelled_source> tested;
};

const std::string one_pod = test::http_text(200, test::pod_list(test::pod("relay-0")));

}  // namespace

BOOST_AUTO_TEST_SUITE(tunnelled_source_suite)

BOOST_AUTO_TEST_CASE(what_is_asked_for_before_the_tunnel_stands_is_asked_of_the_stream_then) {
    tunnelled_case at(one_pod);
    at.tested->start(at.to);
    at.tested->request(1);
    at.tested->request(1);
    BOOST_TEST(at.inner->asked == 0u);
    BOOST_REQUIRE(test::run_until(at.io, [&] { return at.to.pieces == 2; }));
    BOOST_TEST(at.inner->asked == 2u);
    BOOST_TEST(at.to.ends == 0u);
    at.tested->request(1);
    BOOST_REQUIRE(at.run_to_end());
    BOOST_TEST(at.to.problem == "");
    at.server.stop();
    BOOST_TEST(test::run_dry(at.io));
    BOOST_TEST(at.to.ends == 1u);
}

BOOST_AUTO_TEST_CASE(without_a_pod_the_stream_is_never_started) {
    tunnelled_case at(test::http_text(200, test::pod_list("")));
    at.tested->start(at.to);
    at.tested->request(1);
    BOOST_REQUIRE(at.run_to_end());
    BOOST_TEST(at.to.problem.find("hubble-relay") != std::string::npos, at.to.problem);
    BOOST_TEST(at.inner->asked == 0u);
    BOOST_TEST(at.to.pieces == 0u);
}

BOOST_AUTO_TEST_CASE(a_stop_before_the_tunnel_stands_ends_without_a_problem) {
    tunnelled_case at("");
    at.tested->start(at.to);
    at.tested->request(1);
    BOOST_REQUIRE(test::run_until(at.io, [&] { return at.asked == 1; }));
    at.tested->stop();
    BOOST_REQUIRE(at.run_to_end());
    BOOST_TEST(at.to.problem == "");
    BOOST_TEST(at.inner->asked == 0u);
    at.server.stop();
    BOOST_TEST(test::run_dry(at.io));
    BOOST_TEST(at.to.ends == 1u);
}

BOOST_AUTO_TEST_CASE(a_stop_of_the_stream_is_the_streams) {
    tunnelled_case at(one_pod);
    at.tested->start(at.to);
    at.tested->request(1);
    BOOST_REQUIRE(test::run_until(at.io, [&] { return at.to.pieces == 1; }));
    at.tested->request(1);
    at.tested->stop();
    BOOST_REQUIRE(at.run_to_end());
    BOOST_TEST(at.to.problem == "");
    BOOST_TEST(at.to.pieces == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

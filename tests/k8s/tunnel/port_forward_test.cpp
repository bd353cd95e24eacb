// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/port_forward.hpp"

#include <openssl/sha.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "k8s/tunnel/tunnel_open.hpp"
#include "support/api_stand_in.hpp"
#include "support/pod_list.hpp"
#include "support/quiet_log.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;
using test::api_stand_in;
using test::http_text;
using test::pod;
using test::pod_list;
using test::quiet_log;
using test::seen_request;
using test::status_text;
using local = asio::local::stream_protocol;

namespace {

const std::string pods = "GET /api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dhubble-relay";
const std::string websocket = "GET /api/v1/namespaces/kube-system/pods/relay-0/portforward?ports=4245";
const std::string spdy = "POST /api/v1/namespaces/kube-system/pods/relay-0/portforward";

std::string forbidden(const std::string& verb) {
    return http_text(403, status_text(403, "Forbidden", "User \"nobody\" cannot " + verb, "pods"));
}

// Agrees to the WebSocket and then writes these bytes; what the client sends afterwards is thrown away.
api_stand_in::handler websocket_then(std::string bytes) {
    return [bytes](const seen_request& request, connection& stream) -> asio::awaitable<void> {
        const std::string line = request.method + " " + request.target;
        std::string text = http_text(404, "404 page not found\n", "text/plain");
        if (line.starts_with(pods)) text = http_text(200, pod_list(pod("relay-0")));
        if (line == websocket) {
            const std::string key = request.headers.at("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
            std::string digest(SHA_DIGEST_LENGTH, '\0');
            SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                 reinterpret_cast<unsigned char*>(digest.data()));
            text =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Accept: " +
                base64_encode(digest) + "\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n" + bytes;
        }
        co_await stream.write(text);
        if (line != websocket) co_return;
        char byte = 0;
        for (;;)
            co_await stream.read_some(asio::buffer(&byte, 1));
    };
}

const std::string port_messages("\x82\x03\x00\x95\x10\x82\x03\x01\x95\x10", 10);

std::string url(const api_stand_in& server) {
    return "http://127.0.0.1:" + std::to_string(server.port());
}

struct forward_case {
    asio::io_context context;
    cluster_access access;
    port_forward_settings settings;

    forward_case() { settings.proxies = {}; }

    port_forward make(const api_stand_in& server) {
        access.server = {.tls = false, .host = "127.0.0.1", .port = std::to_string(server.port()), .prefix = {}};
        return port_forward(context.get_executor(), access, quiet_log(), settings);
    }
    void start(port_forward& forward) {
        test::run(context, forward.start(std::chrono::steady_clock::now() + test::patient(5s)));
    }
    // Connects as gRPC would, reads until the end or `enough` bytes.
    std::string read(const port_forward& forward, std::size_t enough = 1U << 20U) {
        return test::run(context, read_from(context, forward.target(), enough));
    }
    static asio::awaitable<std::string> read_from(asio::io_context& io, std::string target, std::size_t enough) {
        local::socket socket(io);
        co_await socket.async_connect(local::endpoint(std::string(1, '\0') + target.substr(14)), asio::use_awaitable);
        std::string out;
        std::array<char, 4096> buffer{};
        while (out.size() < enough) {
            asio::error_code error;
            const std::size_t count =
                co_await socket.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
            out.append(buffer.data(), count);
        }
        co_return out;
    }
    std::string start_error(const std::string& list_answer) {
        api_stand_in server(context, test::answers({{pods, list_answer}}));
        port_forward forward = make(server);
        try {
            start(forward);
        } catch (const fatal_error& error) {
            return error.what() + std::string(forward.permanent_error() ? " (permanent)" : "");
        }
        return "no error";
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(port_forward_suite, forward_case)

BOOST_AUTO_TEST_CASE(a_pod_whose_relay_does_not_answer_is_avoided) {
    const auto agree = websocket_then(port_messages + std::string("\x82\x06\0hello", 8));
    api_stand_in server(context, [&](const seen_request& request, connection& stream) -> asio::awaitable<void> {
        const std::string line = request.method + " " + request.target;
        std::string text;
        if (line.starts_with(pods)) text = http_text(200, pod_list(pod("first") + "," + pod("relay-0")));
        if (line.find("/pods/first/portforward") != std::string::npos)
            text = http_text(500, "no route to the node", "text/plain");
        if (text.empty()) co_return co_await agree(request, stream);
        co_await stream.write(text);
    });
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(forward.untried_pods() == 2U);
    BOOST_TEST(read(forward).empty());
    BOOST_TEST(forward.untried_pods() == 1U);
    BOOST_TEST(read(forward, 5) == "hello");
    forward.avoid_pod();
    BOOST_TEST(forward.untried_pods() == 0U);
    // Better one that failed than none.
    BOOST_TEST(read(forward).empty());
    BOOST_TEST(read(forward, 5) == "hello");
}

BOOST_AUTO_TEST_CASE(upgrade_answers_are_told_apart) {
    const auto outcome = [](unsigned status, const std::string& body) {
        http_answer answer;
        answer.status = status;
        answer.body = body;
        answer.headers["content-type"] = body.starts_with('{') ? "application/json" : "text/plain";
        return classify_upgrade(false, answer);
    };
    BOOST_TEST(
        (outcome(404, status_text(404, "NotFound", "pods \"x\" not found", "pods")) == upgrade_outcome::pod_gone));
    BOOST_TEST((outcome(404, "404 page not found") == upgrade_outcome::failed));
    BOOST_TEST((outcome(400, status_text(400, "BadRequest", "pod x does not have a host assigned")) ==
                upgrade_outcome::pod_unscheduled));
    BOOST_TEST((outcome(400, "query parameter \"port\" is required") == upgrade_outcome::failed));
    BOOST_TEST((outcome(403, "") == upgrade_outcome::forbidden));
    BOOST_TEST((outcome(401, "") == upgrade_outcome::unauthorized));
    BOOST_TEST((outcome(101, "") == upgrade_outcome::failed));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_the_set_up_is_said_at_the_start) {
    const std::string none = start_error(http_text(200, pod_list(pod("a", "False"))));
    BOOST_TEST(none.starts_with("no running and ready pod with the label k8s-app=hubble-relay in namespace kube-system "
                                "of http://127.0.0.1:"),
               none);
    BOOST_TEST(none.ends_with("; enable Hubble Relay (cilium hubble enable), name the namespace that it is in with "
                              "--kube-namespace, or give the relay's address with --server"),
               none);
    BOOST_TEST(start_error(forbidden("list pods")) ==
               "looking for the pod k8s-app=hubble-relay: User \"nobody\" cannot list pods; grant the verb "
               "list on pods "
               "in namespace kube-system, or give the relay's address with --server (permanent)");
    BOOST_TEST(start_error(http_text(401, status_text(401, "Unauthorized", "Unauthorized"))).find("401 Unauthorized") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(two_403_name_both_verbs_and_are_permanent) {
    api_stand_in server(context, test::answers({{pods, http_text(200, pod_list(pod("relay-0")))},
                                                {websocket, forbidden("get")},
                                                {spdy, forbidden("create")}}));
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(read(forward).empty());
    BOOST_TEST(forward.last_error() ==
               "port-forward to pod kube-system/relay-0 through " + url(server) +
                   " is forbidden (WebSocket: HTTP 403, User \"nobody\" "
                   "cannot get; "
                   "SPDY: HTTP 403, User \"nobody\" cannot create); grant the verbs get and create on "
                   "pods/portforward in "
                   "namespace kube-system, or give the relay's address with --server");
    BOOST_TEST(forward.permanent_error());
}

BOOST_AUTO_TEST_CASE(a_pod_that_has_gone_is_replaced_by_another) {
    const std::string gone = "GET /api/v1/namespaces/kube-system/pods/gone/portforward";
    const auto agree = websocket_then(port_messages + std::string("\x82\x06\0hello", 8));
    api_stand_in server(context, [&](const seen_request& request, connection& stream) -> asio::awaitable<void> {
        const std::string line = request.method + " " + request.target;
        std::string text;
        if (line.starts_with(pods)) text = http_text(200, pod_list(pod("gone") + "," + pod("relay-0")));
        if (line.starts_with(gone))
            text = http_text(404, status_text(404, "NotFound", "pods \"gone\" not found", "pods"));
        if (text.empty()) co_return co_await agree(request, stream);
        co_await stream.write(text);
    });
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(read(forward, 5) == "hello");
    BOOST_TEST(server.requests().size() == 5U);  // list, Service, gone, list, relay-0
}

BOOST_AUTO_TEST_CASE(credentials_are_renewed_once_for_an_upgrade) {
    const test::temp_dir dir;
    test::write_text(dir / "token", "old");
    access.user.token_file = (dir / "token").string();
    const std::string refused = http_text(401, status_text(401, "Unauthorized", "Unauthorized"));
    api_stand_in server(context,
                        test::answers({{pods, http_text(200, pod_list(pod("relay-0")))}, {websocket, refused}}));
    port_forward forward = make(server);
    start(forward);
    test::write_text(dir / "token", "new");
    BOOST_TEST(read(forward).empty());
    BOOST_REQUIRE(server.requests().size() == 4U);
    BOOST_TEST(server.requests()[2].headers.at("authorization") == "Bearer old");
    BOOST_TEST(server.requests()[3].headers.at("authorization") == "Bearer new");
    BOOST_TEST(forward.permanent_error());
    BOOST_TEST(forward.last_error().find("401 Unauthorized") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(data_behind_the_upgrades_answer_is_not_lost) {
    api_stand_in server(context, websocket_then(port_messages + std::string("\x82\x06\0hello", 8)));
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(read(forward, 5) == "hello");
    BOOST_TEST(forward.last_error().empty());
}

BOOST_AUTO_TEST_CASE(the_nodes_error_text_is_passed_on) {
    api_stand_in server(context, websocket_then(port_messages +
                                                "\x82\x13\x01"
                                                "connection refused" +
                                                "\x88\x02\x03\xe8"));
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(read(forward).empty());
    BOOST_TEST(forward.last_error() ==
               "port-forward to pod kube-system/relay-0 through " + url(server) + ": connection refused");
    BOOST_TEST(!forward.permanent_error());
}

BOOST_AUTO_TEST_CASE(garbage_after_the_upgrade_ends_the_tunnel_only) {
    api_stand_in server(context, websocket_then(port_messages + std::string(5000, 'x')));
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(read(forward).empty());
    BOOST_TEST(forward.last_error().find("broken or too large WebSocket message") != std::string::npos);
    BOOST_TEST(read(forward).empty());
}

BOOST_AUTO_TEST_CASE(a_node_that_never_answers_is_given_up) {
    settings.times.ready = 200ms;
    api_stand_in server(context, websocket_then(""));
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(read(forward).empty());
    BOOST_TEST(forward.last_error().find("did not answer to the port-forward in time") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_without_a_sign_of_life_is_given_up) {
    settings.times.keep_alive = 50ms;
    settings.times.silence = 300ms;
    api_stand_in server(context, websocket_then(port_messages));
    port_forward forward = make(server);
    start(forward);
    BOOST_TEST(read(forward).empty());
    BOOST_TEST(forward.last_error().find("no sign of life") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_process_is_turned_away) {
    api_stand_in server(context, websocket_then(port_messages + std::string("\x82\x06\0hello", 8)));
    port_forward forward = make(server);
    start(forward);
    const std::string target = forward.target();
    context.notify_fork(asio::io_context::fork_prepare);
    const pid_t child = ::fork();
    if (child == 0) {
        asio::io_context own;
        const std::string got = test::run(own, read_from(own, target, 5));
        ::_exit(got.empty() ? 0 : 1);
    }
    context.notify_fork(asio::io_context::fork_parent);
    int status = -1;
    BOOST_REQUIRE(test::run_until(context, [&] { return ::waitpid(child, &status, WNOHANG) == child; }));
    BOOST_TEST(status == 0);
    BOOST_TEST(server.requests().size() == 2U);  // only start()'s list and the Service
}

BOOST_AUTO_TEST_CASE(stop_closes_everything_so_that_run_returns) {
    api_stand_in server(context, websocket_then(port_messages));
    port_forward forward = make(server);
    start(forward);
    bool ended = false;
    asio::co_spawn(context, read_from(context, forward.target(), 5),
                   [&](const std::exception_ptr&, const std::string&) { ended = true; });
    BOOST_REQUIRE(test::run_until(
        context, [&] { return server.requests().back().target == websocket.substr(websocket.find('/')); }));
    BOOST_TEST(!ended);
    forward.stop();
    server.stop();
    BOOST_TEST(test::run_dry(context));
    BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(cancelling_ends_a_start_that_gets_no_answer) {
    api_stand_in server(context, [](const seen_request&, connection& stream) -> asio::awaitable<void> {
        char byte = 0;
        co_await stream.read_some(asio::buffer(&byte, 1));
    });
    port_forward forward = make(server);
    asio::cancellation_signal cancel;
    std::exception_ptr failed;
    asio::co_spawn(context, forward.start(std::chrono::steady_clock::now() + test::patient(60s)),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error) { failed = error; }));
    BOOST_REQUIRE(test::run_until(context, [&] { return !server.requests().empty(); }));
    BOOST_TEST(!failed);
    cancel.emit(asio::cancellation_type::terminal);
    BOOST_REQUIRE(test::run_until(context, [&] { return failed != nullptr; }));
    BOOST_CHECK_THROW(std::rethrow_exception(failed), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/api_client.hpp"

#include <asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "support/api_stand_in.hpp"
#include "support/quiet_log.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;
using test::answers;
using test::api_stand_in;
using test::http_text;
using test::quiet_log;
using test::seen_request;
using test::status_text;

namespace {

struct client_case {
    asio::io_context context;
    cluster_access access;
    proxy_environment proxies;

    client_case() {
        access.server = {.tls = false, .host = "127.0.0.1", .port = {}, .prefix = "/prefix"};
        access.user.token = "sesame";
    }

    api_client client_for(unsigned short port) {
        access.server.port = std::to_string(port);
        return api_client(context.get_executor(), access, quiet_log(), "cpg/test", proxies);
    }
    std::string get(api_client& client) {
        return test::run(context, client.get("/x", std::chrono::steady_clock::now() + 10s));
    }
    std::string get(unsigned short port, const std::string& path = "/x", std::chrono::milliseconds time = 10s,
                    logger& log = quiet_log()) {
        access.server.port = std::to_string(port);
        api_client client(context.get_executor(), access, log, "cpg/test", proxies);
        return test::run(context, client.get(path, std::chrono::steady_clock::now() + time));
    }
    std::string error_of(unsigned short port, std::chrono::milliseconds time = 10s) {
        try {
            return "no error: " + get(port, "/x", time);
        } catch (const std::exception& error) {
            return error.what();
        }
    }
    std::string error_for(const std::string& bytes) {
        api_stand_in server(context, answers({{"GET", bytes}}));
        return error_of(server.port());
    }
    api_fault fault_for(const std::string& bytes) {
        api_stand_in server(context, answers({{"GET", bytes}}));
        try {
            get(server.port());
        } catch (const api_error& error) {
            return error.status.fault;
        }
        throw std::runtime_error("no api_error");
    }
};

// Answers the first request so, all others otherwise.
api_stand_in::handler first_then(std::string first, std::string others) {
    auto count = std::make_shared<int>(0);
    return [=](const seen_request&, connection& stream) -> asio::awaitable<void> {
        const std::string text = (*count)++ == 0 ? first : others;
        co_await stream.write(text);
    };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(api_client_suite, client_case)

BOOST_AUTO_TEST_CASE(a_get_carries_prefix_identity_and_agent) {
    api_stand_in server(context, answers({{"GET /prefix/x", http_text(200, "{}")}}));
    test::kept_log log;
    BOOST_TEST(get(server.port(), "/x?token=hidden", 10s, log.log()) == "{}");
    const seen_request& seen = server.requests().at(0);
    BOOST_TEST(seen.headers.at("authorization") == "Bearer sesame");
    BOOST_TEST(seen.headers.at("user-agent") == "cpg/test");
    BOOST_TEST(seen.headers.at("accept") == "application/json");
    BOOST_TEST(seen.headers.count("accept-encoding") == 0U);
    BOOST_TEST(log.text().find("\"status\": 200") != std::string::npos);
    BOOST_TEST(log.text().find("sesame") == std::string::npos);
    BOOST_TEST(log.text().find("hidden") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_chunked_answer_is_put_together) {
    api_stand_in server(context, answers({{"GET",
                                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                           "3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"}}));
    BOOST_TEST(get(server.port()) == "[1,2]");
}

BOOST_AUTO_TEST_CASE(answers_are_told_apart_by_reason_and_code) {
    BOOST_TEST((fault_for(http_text(403, status_text(403, "Forbidden", "no"))) == api_fault::forbidden));
    BOOST_TEST((fault_for(http_text(403, "", "text/plain")) == api_fault::forbidden));
    BOOST_TEST((fault_for(http_text(404, status_text(404, "NotFound", "no"))) == api_fault::not_found));
    BOOST_TEST((fault_for(http_text(404, "404 page not found\n", "text/plain")) == api_fault::not_found));
    BOOST_TEST((fault_for(http_text(410, status_text(410, "Expired", "no"))) == api_fault::expired));
    BOOST_TEST((fault_for(http_text(401, status_text(401, "Unauthorized", "no"))) == api_fault::unauthorized));
    BOOST_TEST((fault_for(http_text(400, status_text(400, "BadRequest", "no"))) == api_fault::other));
}

BOOST_AUTO_TEST_CASE(the_servers_message_is_passed_on) {
    const std::string message = "pods is forbidden: User \"nobody\" cannot list resource \"pods\"";
    BOOST_TEST(error_for(http_text(403, status_text(403, "Forbidden", message))).ends_with("/x: " + message));
    BOOST_TEST(error_for(http_text(404, "404 page not found\n", "text/plain"))
                   .ends_with("the server could not find the requested resource"));
    BOOST_TEST(error_for(http_text(400, "query parameter \"port\" is required", "text/plain"))
                   .ends_with("query parameter \"port\" is required"));
    BOOST_TEST(error_for(http_text(502, "<html>", "text/html")).ends_with("HTTP status 502"));
}

BOOST_AUTO_TEST_CASE(a_401_renews_the_credentials_once) {
    const test::temp_dir dir;
    test::write_text(dir / "token", "one");
    access.user.token_file = (dir / "token").string();
    const std::string refused = http_text(401, status_text(401, "Unauthorized", "Unauthorized"));
    {
        api_stand_in server(context, first_then(refused, http_text(200, "{}")));
        BOOST_TEST(get(server.port()) == "{}");
    }
    api_stand_in server(context, first_then(refused, refused));
    BOOST_TEST(error_of(server.port()).ends_with("Unauthorized"));
    BOOST_TEST(server.requests().size() == 2U);
}

BOOST_AUTO_TEST_CASE(retry_after_is_obeyed_within_the_deadline) {
    const std::string busy =
        http_text(429, status_text(429, "TooManyRequests", "busy"), "application/json", "Retry-After: 1\r\n");
    {
        api_stand_in server(context, first_then(busy, http_text(200, "{}")));
        BOOST_TEST(get(server.port()) == "{}");
    }
    api_stand_in server(context, first_then(busy, http_text(200, "{}")));
    BOOST_TEST(error_of(server.port(), 500ms).ends_with("busy"));
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_given_up) {
    api_stand_in server(context, [](const seen_request&, connection& stream) -> asio::awaitable<void> {
        char byte = 0;
        co_await stream.read_some(asio::buffer(&byte, 1));
    });
    BOOST_TEST(error_of(server.port(), 200ms).find("in time") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_cut_answer_is_an_error) {
    BOOST_TEST(error_for("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").find("in the middle of its answer") !=
               std::string::npos);
    BOOST_TEST(error_for("HTTP/1.1 200").find("in the middle of its answer") != std::string::npos);
    BOOST_TEST(error_for("").find("closed the connection") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_refused) {
    BOOST_TEST(error_for("SSH-2.0-OpenSSH\r\n\r\n").find("not HTTP") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(huge_heads_and_endless_bodies_are_bounded) {
    BOOST_TEST(
        error_for("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n").find("a head of more than") !=
        std::string::npos);
    api_stand_in server(context, [](const seen_request&, connection& stream) -> asio::awaitable<void> {
        const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
        co_await stream.write(head);
        const std::string block(1U << 20U, 'x');
        for (;;)
            co_await stream.write(block);
    });
    BOOST_TEST(error_of(server.port()).find("is larger than") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_connection_serves_one_request_unless_it_is_kept_open) {
    api_stand_in server(context, answers({{"GET", http_text(200, "{}")}}));
    api_client client = client_for(server.port());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(get(client) == "{}");
    BOOST_TEST(server.connections() == 3U);
    BOOST_TEST(server.requests()[0].headers.at("connection") == "close");
    {
        const auto outer = client.keep_open();
        const auto inner = client.keep_open();
        for (int i = 0; i < 5; ++i)
            BOOST_TEST(get(client) == "{}");
        BOOST_TEST(server.connections() == 4U);
    }
    get(client);
    BOOST_TEST(server.connections() == 5U);
    BOOST_TEST(server.requests().size() == 9U);
}

// It closes what has been idle for long, and nobody is told.
BOOST_AUTO_TEST_CASE(what_the_server_has_closed_meanwhile_is_opened_anew) {
    auto kept = std::make_unique<api_stand_in>(context, answers({{"GET", http_text(200, "{}")}}));
    api_client client = client_for(kept->port());
    const auto open = client.keep_open();
    BOOST_TEST(get(client) == "{}");
    kept->close_connections();
    BOOST_TEST(get(client) == "{}");
    BOOST_TEST(kept->connections() == 2U);
    kept.reset();
    BOOST_CHECK_THROW(get(client), cluster_error);
}

BOOST_AUTO_TEST_CASE(a_server_that_closes_or_says_more_than_it_was_asked_is_not_taken_for_open) {
    for (const std::string& answer :
         {http_text(200, "{}", "application/json", "Connection: close\r\n"), http_text(200, "{}") + "more"}) {
        api_stand_in server(context, answers({{"GET", answer}}));
        api_client client = client_for(server.port());
        const auto open = client.keep_open();
        BOOST_TEST(get(client) == "{}");
        BOOST_TEST(get(client) == "{}");
        BOOST_TEST(server.connections() == 2U);
    }
}

BOOST_AUTO_TEST_CASE(a_closed_port_is_named) {
    unsigned short port = 0;
    {
        api_stand_in server(context, answers({}));
        port = server.port();
    }
    BOOST_REQUIRE(test::run_dry(context));
    BOOST_TEST(error_of(port) == "connect to 127.0.0.1:" + std::to_string(port) + ": connection refused");
}

BOOST_AUTO_TEST_CASE(a_value_with_a_line_break_is_not_sent) {
    api_stand_in server(context, answers({}));
    access.user.token = "sesame\r\nX: y";
    const std::string error = error_of(server.port());
    BOOST_TEST(error.find("line break") != std::string::npos);
    BOOST_TEST(error.find("sesame") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_server_says_is_one_line_of_bounded_length) {
    const auto message = [](const std::string& text) {
        http_answer answer;
        answer.status = 403;
        answer.body = status_text(403, "Forbidden", text);
        return read_status(answer).message;
    };
    BOOST_TEST(message("a\x1b[2J\nb") == "a\\u001b[2J\\u000ab");
    BOOST_TEST(message(std::string(500, 'x')) == std::string(500, 'x'));
    BOOST_TEST(message(std::string(100'000, 'x')) == std::string(500, 'x') + "...");
    BOOST_TEST(message(std::string(499, 'x') + "\xc3\xa9y") == std::string(499, 'x') + "...");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

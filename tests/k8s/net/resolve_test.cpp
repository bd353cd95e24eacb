// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/resolve.hpp"

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>

#include "k8s/net/connection.hpp"
#include "support/dns_stand_in.hpp"
#include "support/patience.hpp"
#include "support/run_until.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;
using test::dns_stand_in;

namespace {

std::string text_of(const std::vector<asio::ip::tcp::endpoint>& found) {
    std::vector<std::string> texts;
    for (const auto& each : found)
        texts.push_back(each.address().to_string() + " " + std::to_string(each.port()));
    std::ranges::sort(texts);
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : ", ") + text;
    return out;
}

struct resolve_case {
    asio::io_context context;
    asio::cancellation_signal cancel;
    std::optional<std::string> outcome;

    // Starts the look-up; its result, or its error, is in `outcome` when it has ended.
    void start(const std::string& servers, const std::string& host, std::chrono::milliseconds limit) {
        const auto until = std::chrono::steady_clock::now() + limit;
        asio::co_spawn(context, resolve_at(servers, host, "6443", until),
                       asio::bind_cancellation_slot(
                           cancel.slot(), [this](std::exception_ptr error, std::vector<asio::ip::tcp::endpoint> found) {
                               outcome = error ? message_of(error) : text_of(found);
                           }));
    }
    static std::string message_of(const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const cluster_error& problem) {
            return problem.what();
        } catch (const std::system_error& problem) {
            return problem.code() == asio::error::operation_aborted ? "cancelled" : problem.what();
        }
    }
    std::string look_up(dns_stand_in& server, const std::string& host,
                        std::chrono::milliseconds limit = test::patient(60s)) {
        outcome.reset();
        context.restart();
        start(server.address(), host, limit);
        while (!outcome)
            context.run_one_for(10ms);
        return *outcome;
    }
    // Whether nothing keeps the context running once the server is gone: no socket, no timer.
    bool is_at_rest(dns_stand_in& server) {
        server.stop();
        return test::run_dry(context);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(resolve_suite, resolve_case)

BOOST_AUTO_TEST_CASE(addresses_of_both_families_are_found) {
    dns_stand_in server(context, {{"both.example", {"10.1.2.3", "10.1.2.4", "fd00::1"}},
                                  {"four.example", {"10.1.2.3"}},
                                  {"six.example", {"fd00::1"}},
                                  {"none.example", {}}});
    BOOST_TEST(look_up(server, "both.example") == "10.1.2.3 6443, 10.1.2.4 6443, fd00::1 6443");
    BOOST_TEST(look_up(server, "four.example") == "10.1.2.3 6443");
    BOOST_TEST(look_up(server, "six.example") == "fd00::1 6443");
    BOOST_TEST(look_up(server, "none.example") == "lookup none.example: the host has no address");
    BOOST_TEST(is_at_rest(server));
}

BOOST_AUTO_TEST_CASE(a_name_that_does_not_exist_is_said_so) {
    dns_stand_in server(context, {});
    BOOST_TEST(look_up(server, "no.example") == "lookup no.example: no such host");
    BOOST_TEST(look_up(server, std::string(300, 'a')).ends_with(": not a host name"));
    BOOST_TEST(is_at_rest(server));
}

BOOST_AUTO_TEST_CASE(an_address_costs_no_look_up) {
    dns_stand_in server(context, {}, true);
    BOOST_TEST(look_up(server, "10.9.8.7") == "10.9.8.7 6443");
    BOOST_TEST(look_up(server, "fd00::7") == "fd00::7 6443");
    BOOST_TEST(server.asked().empty());
    BOOST_TEST(is_at_rest(server));
}

BOOST_AUTO_TEST_CASE(the_hosts_file_is_read_before_any_server_is_asked) {
    dns_stand_in server(context, {}, true);
    BOOST_TEST(look_up(server, "localhost").find("127.0.0.1 6443") != std::string::npos);
    BOOST_TEST(server.asked().empty());
    BOOST_TEST(is_at_rest(server));
}

BOOST_AUTO_TEST_CASE(a_silent_server_is_given_up_at_the_deadline) {
    dns_stand_in server(context, {}, true);
    const auto begin = std::chrono::steady_clock::now();
    BOOST_TEST(look_up(server, "a.example", 300ms) == "lookup a.example: no answer in time");
    BOOST_TEST((std::chrono::steady_clock::now() - begin < test::patient(2s)));
    BOOST_TEST(server.asked().size() == 2U);
    BOOST_TEST(is_at_rest(server));
}

BOOST_AUTO_TEST_CASE(a_cancelled_look_up_ends_at_once) {
    dns_stand_in server(context, {}, true);
    start(server.address(), "a.example", test::patient(60s));
    while (server.asked().size() < 2)
        context.run_one_for(10ms);
    cancel.emit(asio::cancellation_type::terminal);
    context.poll();
    BOOST_TEST(outcome.value_or("not ended") == "cancelled");
    BOOST_TEST(is_at_rest(server));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_no_reason_to_wait) {
    dns_stand_in gone(context, {});
    const std::string address = gone.address();
    gone.stop();
    start(address, "a.example", 1h);
    BOOST_TEST(test::run_dry(context));
    BOOST_TEST(outcome.value_or("not ended") == "lookup a.example: no DNS server answers");
}

// What waits when the program ends: the context goes with the look-up in it.
BOOST_AUTO_TEST_CASE(a_context_may_go_in_the_middle_of_a_look_up) {
    auto owned = std::make_unique<asio::io_context>();
    dns_stand_in server(*owned, {}, true);
    const auto until = std::chrono::steady_clock::now() + 60s;
    asio::co_spawn(*owned, resolve_at(server.address(), "a.example", "1", until),
                   [](std::exception_ptr, std::vector<asio::ip::tcp::endpoint>) {});
    BOOST_REQUIRE(test::run_until(*owned, [&] { return !server.asked().empty(); }));
    server.stop();
    owned.reset();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_failure.hpp"

#include <boost/test/unit_test.hpp>

#include "base/duration.hpp"
#include "support/patience.hpp"
#include "support/stream_fixture.hpp"

namespace cpg {

using std::chrono::milliseconds;

namespace {

struct failing : test::stream_fixture {
    std::string problem() {
        open();
        BOOST_REQUIRE(run_to_end());
        BOOST_TEST(logged().find("connected to") == std::string::npos);
        return receiver.end->problem;
    }
};

bool holds(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    BOOST_TEST(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(relay_failure_suite, failing, *boost::unit_test::timeout(test::patient(60U)))

BOOST_AUTO_TEST_CASE(refusals_end_the_capture_with_a_sentence_each) {
    using enum grpc::StatusCode;
    for (const auto& [code, words] : {std::pair{PERMISSION_DENIED, "permission denied"},
                                      {UNAUTHENTICATED, "--tls-client-cert-file"},
                                      {UNIMPLEMENTED, "4245"},
                                      {INVALID_ARGUMENT, "too old"}}) {
        sim.refuse = code;
        receiver.end.reset();
        serve();
        const std::string text = problem();
        holds(text, words);
        holds(text, "refused by relay-sim");
        holds(text, server->address());
        close();
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_flows_alone_is_not_called_connected) {
    sim.refuse = grpc::StatusCode::PERMISSION_DENIED;
    sim.refuse_flows_only = true;
    serve();
    holds(problem(), "permission denied");
}

// 20 MB of one letter, which gzip makes 20 KB of: over the bound for a message once it is unpacked.
BOOST_AUTO_TEST_CASE(a_message_that_would_unpack_to_more_than_the_bound_is_not_unpacked) {
    sim.compress = true;
    sim.unavailable_nodes = {std::string(20U << 20U, 'a')};
    serve();
    open();
    BOOST_REQUIRE(run_to_end());
    holds(receiver.end->problem, "compresses what it sends");
    BOOST_TEST(receiver.nodes.size() < 2u);
}

BOOST_AUTO_TEST_CASE(nobody_listens) {
    options.address = parse_relay_address("127.0.0.1:1");
    const std::string text = problem();
    holds(text, "can't be reached");
    holds(text, "127.0.0.1:1");
    holds(text, "--server");
}

BOOST_AUTO_TEST_CASE(a_name_that_does_not_resolve) {
    options.address = parse_relay_address("relay.invalid:4245");
    holds(problem(), "can't be reached");
}

BOOST_AUTO_TEST_CASE(no_answer_within_the_timeout) {
    options.timeout = test::patient(milliseconds(500));
    sim.late = std::chrono::hours(1);
    serve();
    holds(problem(), "it took the connection but gave no answer, neither to GetFlows nor to ServerStatus, within " +
                         format_duration(options.timeout));
}

BOOST_AUTO_TEST_CASE(what_lies_behind_the_address_is_explained) {
    options.address = parse_relay_address("unix-abstract:cpg-test-nobody");
    options.explain_unavailable = [] { return std::string("403: cannot create pods/portforward"); };
    const std::string text = problem();
    holds(text, "403: cannot create pods/portforward");
    BOOST_TEST(text.find("--server") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_near_end_of_a_port_forward_is_named_to_nobody) {
    relay_options through;
    through.address = parse_relay_address("unix-abstract:cpg-0123");
    through.address.shown = "namespace kube-system";
    const relay_failure failure = explain_failure(
        {grpc::StatusCode::UNAVAILABLE, "unix-abstract:cpg-0123: failed; last: unix-abstract:cpg-0123: closed"},
        through);
    BOOST_TEST(failure.problem ==
               "Hubble Relay at namespace kube-system can't be reached: the port-forward: failed; last: the "
               "port-forward: closed");
    BOOST_TEST(failure.advice == "a relay with TLS needs --tls");
}

BOOST_AUTO_TEST_CASE(what_the_port_forward_can_not_mend_ends_a_capture_that_ran) {
    bool permanent = false;
    options.permanent_failure = [&permanent] { return permanent; };
    options.patience_when_refused = std::chrono::milliseconds(200);
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
    permanent = true;
    server.reset();
    BOOST_REQUIRE(run_to_end());
    holds(receiver.end->problem, "can't be reached");
}

BOOST_AUTO_TEST_CASE(a_terminal_error_after_flows_ends_a_capture_that_ran) {
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
    sim.listen = server->address();
    sim.refuse = grpc::StatusCode::PERMISSION_DENIED;
    server.reset();
    server = std::make_unique<sim::relay_server>(sim);
    BOOST_REQUIRE(run_to_end());
    holds(receiver.end->problem, "permission denied");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

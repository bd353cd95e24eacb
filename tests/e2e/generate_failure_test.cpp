// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A first connection that fails: exit code 3 within --timeout, a line that says what and what to do, and no
// files.
#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "e2e/live_case.hpp"
#include "support/certificates.hpp"
#include "support/deaf_port.hpp"

namespace cpg::test {

namespace {

struct failure_case : live_case {
    const certificate ca = make_certificate({.common_name = "relay CA", .names = {}, .authority = true});

    // Ends with 3 and says all of this in one line.
    void check_fails(const words& flags, const words& says, milliseconds within = 20s) {
        const auto begin = std::chrono::steady_clock::now();
        const auto cpg = run_cpg(flags, 3);
        BOOST_TEST((std::chrono::steady_clock::now() - begin < patient(within)));
        const std::string line = line_with(cpg->err(), "\"level\":\"error\"");
        for (const std::string& part : says)
            BOOST_TEST(line.find(part) != std::string::npos, "\"" << part << "\" is not in: " << cpg->err());
        BOOST_TEST(!std::filesystem::exists(dir / "policies"));
        BOOST_TEST(!cpg->said("connected to Hubble Relay"));
    }

    void start_tls_sim(words more = {}, const std::string& names = "IP:127.0.0.1") {
        const certificate relay = make_certificate({.common_name = "relay", .names = names}, &ca);
        write("ca.crt", ca.pem);
        write("other.crt", make_certificate({.common_name = "other CA", .names = {}, .authority = true}).pem);
        write("relay.crt", relay.pem);
        write("relay.key", relay.key);
        more.insert(more.end(), {"--tls-cert", "relay.crt", "--tls-key", "relay.key"});
        start_sim(more);
    }
    std::string bare_address() const { return address.substr(std::string("tls://").size()); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(failure, failure_case)

BOOST_AUTO_TEST_CASE(a_refused_connection_says_to_check_the_server) {
    const deaf_port port(false);
    check_fails({"--server", port.address(), "--timeout", "2s"}, {port.address(), "refused", "--server", "4245"}, 10s);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_given_up_after_the_timeout) {
    const deaf_port port(true);
    check_fails({"--server", port.address(), "--timeout", "1s"}, {port.address(), "within 1s (--timeout)", "--server"},
                6s);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_shakes_hands_is_given_up_after_the_timeout) {
    const deaf_port port(true);
    check_fails({"--server", "tls://" + port.address(), "--timeout", "1s"}, {port.address(), "within 1s (--timeout)"},
                6s);
}

BOOST_AUTO_TEST_CASE(a_missing_socket_file_is_named) {
    check_fails({"--server", "unix:///nowhere/hubble.sock", "--timeout", "2s"}, {"unix:///nowhere/hubble.sock"}, 10s);
}

BOOST_AUTO_TEST_CASE(a_host_that_does_not_exist_is_named) {
    check_fails({"--server", "relay.invalid:4245", "--timeout", "3s"}, {"relay.invalid:4245", "--server"}, 12s);
}

BOOST_AUTO_TEST_CASE(permission_denied_says_to_ask_for_access) {
    start_sim({"--refuse", "PERMISSION_DENIED"});
    check_fails(at_sim(), {"permission denied", "refused by relay-sim", "ask for access"});
}

BOOST_AUTO_TEST_CASE(unauthenticated_says_to_give_a_client_certificate) {
    start_sim({"--refuse", "UNAUTHENTICATED"});
    check_fails(at_sim(), {"unauthenticated", "--tls-client-cert-file", "--tls-client-key-file"});
}

BOOST_AUTO_TEST_CASE(a_server_that_is_no_relay_says_to_check_the_address) {
    start_sim({"--refuse", "UNIMPLEMENTED"});
    check_fails(at_sim(), {"unimplemented", "Observer", "--server"});
}

// Silence means little where not even ServerStatus was answered.
BOOST_AUTO_TEST_CASE(a_server_that_is_no_relay_and_slow_is_not_taken_for_connected) {
    start_sim({"--refuse", "UNIMPLEMENTED", "--late", "1s"});
    check_fails(at_sim(), {"unimplemented", "Observer", "--server"});
}

BOOST_AUTO_TEST_CASE(a_relay_that_refuses_only_the_flows_is_a_failure_too) {
    start_sim({"--refuse", "PERMISSION_DENIED", "--refuse-flows-only"});
    check_fails(at_sim(), {"permission denied"});
}

BOOST_AUTO_TEST_CASE(a_certificate_of_an_unknown_authority_is_refused) {
    start_tls_sim();
    check_fails(at_sim({"--tls-ca-cert-files", "other.crt"}),
                {"not trusted", "--tls-ca-cert-files", "--tls-allow-insecure"});
}

BOOST_AUTO_TEST_CASE(a_certificate_that_the_system_does_not_know_is_refused) {
    start_tls_sim();
    check_fails(at_sim(), {"not trusted", "--tls-ca-cert-files"});
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_name_says_to_give_the_name) {
    start_tls_sim({}, "DNS:relay.test");
    check_fails(at_sim({"--tls-ca-cert-files", "ca.crt"}), {"another name", "--tls-server-name"});
}

BOOST_AUTO_TEST_CASE(plain_text_to_a_tls_server_says_to_use_tls) {
    start_tls_sim();
    check_fails({"--server", bare_address(), "--timeout", "2s"}, {"--tls"});
}

BOOST_AUTO_TEST_CASE(tls_to_a_plain_server_says_to_leave_it_out) {
    start_sim({});
    check_fails({"--server", "tls://" + address, "--timeout", "3s"}, {"does not speak TLS", "leave out --tls"});
}

BOOST_AUTO_TEST_CASE(a_missing_client_certificate_says_to_give_one) {
    start_tls_sim({"--tls-client-ca", "ca.crt"});
    check_fails(at_sim({"--tls-ca-cert-files", "ca.crt", "--timeout", "3s"}),
                {"--tls-client-cert-file", "--tls-client-key-file"});
}

BOOST_AUTO_TEST_CASE(a_client_certificate_of_another_authority_is_a_failure) {
    start_tls_sim({"--tls-client-ca", "ca.crt"});
    const certificate stranger = make_certificate({.common_name = "stranger", .names = {}});
    write("client.crt", stranger.pem);
    write("client.key", stranger.key);
    check_fails(at_sim({"--tls-ca-cert-files", "ca.crt", "--tls-client-cert-file", "client.crt",
                        "--tls-client-key-file", "client.key", "--timeout", "3s"}),
                {"--tls-client-cert-file"});
}

BOOST_AUTO_TEST_CASE(a_certificate_file_that_is_missing_is_named_before_anything_is_connected) {
    check_fails({"--server", "tls://127.0.0.1:1", "--tls-ca-cert-files", "nowhere.crt"},
                {"--tls-ca-cert-files", "nowhere.crt"}, 5s);
}

BOOST_AUTO_TEST_CASE(going_without_verification_warns_and_works) {
    start_tls_sim({"--capture", example("shop.jsonl").string()}, "DNS:relay.test");
    const file_texts wanted = replayed(example("shop.jsonl"));
    generate_until(at_sim({"--tls-allow-insecure"}), wanted);
    const std::string log = read_text(dir / ("err." + std::to_string(runs - 1)));
    const std::string line = line_with(log, "--tls-allow-insecure");
    BOOST_TEST(line.find("\"level\":\"warn\"") != std::string::npos, log);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_late_but_in_time_is_waited_for) {
    start_sim({"--capture", example("shop.jsonl").string(), "--late", "1500ms"});
    generate_until(at_sim({"--timeout", "15s"}), replayed(example("shop.jsonl")));
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_too_late_is_a_failure) {
    start_sim({"--late", "8s"});
    check_fails(at_sim({"--timeout", "1s"}), {"gave no answer", "GetFlows", "within 1s (--timeout)"}, 6s);
}

BOOST_AUTO_TEST_CASE(a_signal_ends_the_wait_for_a_first_answer) {
    const deaf_port port(true);
    const auto cpg = start_cpg({"--server", port.address(), "--timeout", "1m", "--debug"});
    // Long enough for the signal to find its handler.
    BOOST_TEST(!cpg->wait(1s));
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(5s) == 0, cpg->err());
    BOOST_TEST(cpg->said("stopping"), cpg->err());
    // Of a session that never was there is nothing to sum up.
    BOOST_TEST(!cpg->said("session summary"), cpg->err());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A live stream makes the files that a replay of the same flows makes, over every transport.
#include <boost/test/unit_test.hpp>

#include "e2e/live_case.hpp"
#include "support/certificates.hpp"

namespace cpg::test {

namespace {

struct transport_case : live_case {
    file_texts wanted = replayed(example("shop.jsonl"));
    words shop = {"--capture", example("shop.jsonl").string()};

    // A relay with TLS; with `mutual` it wants a certificate of the same CA.
    void start_tls_sim(bool mutual) {
        const certificate ca = make_certificate({.common_name = "relay CA", .names = {}, .authority = true});
        const certificate relay =
            make_certificate({.common_name = "relay", .names = "IP:127.0.0.1,DNS:relay.test"}, &ca);
        const certificate client = make_certificate({.common_name = "client", .names = {}}, &ca);
        write("ca.crt", ca.pem);
        write("relay.crt", relay.pem);
        write("relay.key", relay.key);
        write("client.crt", client.pem);
        write("client.key", client.key);
        words flags = shop;
        flags.insert(flags.end(), {"--tls-cert", "relay.crt", "--tls-key", "relay.key"});
        if (mutual) flags.insert(flags.end(), {"--tls-client-ca", "ca.crt"});
        start_sim(flags);
    }

    void check_same_as_replay(const words& flags) {
        BOOST_TEST(!wanted.empty());
        const boost::json::object live = generate_until(flags, wanted);
        const auto dropped =
            number_in(replay_summary, {"flows_seen"}) - number_in(replay_summary, {"flows_not_dropped"});
        BOOST_TEST(number_in(live, {"flows_seen"}) == dropped);
        BOOST_TEST((live.at("unhandled") == replay_summary.at("unhandled")));
        BOOST_TEST((live.at("infra_drops") == replay_summary.at("infra_drops")));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(transport, transport_case)

BOOST_AUTO_TEST_CASE(tcp_makes_the_policies_of_a_replay) {
    start_sim(shop);
    check_same_as_replay(at_sim());
}

BOOST_AUTO_TEST_CASE(a_unix_socket_makes_the_policies_of_a_replay) {
    start_sim(shop, "unix://" + (dir / "hubble.sock").string());
    check_same_as_replay(at_sim());
}

BOOST_AUTO_TEST_CASE(tls_by_scheme_makes_the_policies_of_a_replay) {
    start_tls_sim(false);
    check_same_as_replay(at_sim({"--tls-ca-cert-files", "ca.crt"}));
}

BOOST_AUTO_TEST_CASE(tls_by_flag_and_by_another_name_makes_the_policies_of_a_replay) {
    start_tls_sim(false);
    check_same_as_replay(
        {"--server=" + address.substr(6), "--tls", "--tls-ca-cert-files=ca.crt", "--tls-server-name=relay.test"});
}

BOOST_AUTO_TEST_CASE(tls_with_a_client_certificate_makes_the_policies_of_a_replay) {
    start_tls_sim(true);
    check_same_as_replay(at_sim({"--tls-ca-cert-files", "ca.crt", "--tls-client-cert-file", "client.crt",
                                 "--tls-client-key-file", "client.key"}));
}

BOOST_AUTO_TEST_CASE(the_environment_of_the_hubble_cli_gives_server_and_certificates) {
    start_tls_sim(true);
    environment.insert({{"HUBBLE_SERVER", address.substr(6)},
                        {"HUBBLE_TLS", "true"},
                        {"HUBBLE_TLS_CA_CERT_FILES", "ca.crt"},
                        {"HUBBLE_TLS_CLIENT_CERT_FILE", "client.crt"},
                        {"HUBBLE_TLS_CLIENT_KEY_FILE", "client.key"},
                        {"HUBBLE_TLS_SERVER_NAME", "relay.test"}});
    check_same_as_replay({});
}

BOOST_AUTO_TEST_CASE(flags_win_over_the_environment) {
    start_tls_sim(false);
    environment.insert({{"HUBBLE_SERVER", "127.0.0.1:1"},
                        {"HUBBLE_TLS", "false"},
                        {"HUBBLE_TLS_CA_CERT_FILES", "missing.crt"},
                        {"HUBBLE_TLS_SERVER_NAME", "other.test"}});
    check_same_as_replay(
        {"--server", address.substr(6), "--tls", "--tls-ca-cert-files", "ca.crt", "--tls-server-name", "relay.test"});
}

BOOST_AUTO_TEST_CASE(a_relay_without_server_status_makes_the_policies_of_a_replay) {
    words flags = shop;
    flags.emplace_back("--no-server-status");
    start_sim(flags);
    check_same_as_replay(at_sim());
}

BOOST_AUTO_TEST_CASE(http_and_dns_records_make_the_policies_of_a_replay) {
    wanted = replayed(example("l7.jsonl"), {"--l7"});
    start_sim({"--capture", example("l7.jsonl").string()});
    check_same_as_replay(at_sim({"--l7", "--no-l7-preflight"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "support/certificates.hpp"
#include "support/patience.hpp"
#include "support/stream_fixture.hpp"

namespace cpg {

namespace {

struct tls_fixture : test::stream_fixture {
    tls_fixture() {
        const test::certificate ca = make("ca", {.common_name = "cpg test CA", .names = {}, .authority = true});
        const test::certificate other = make("other-ca", {.common_name = "another CA", .names = {}, .authority = true});
        make("local", {.common_name = "relay", .names = "DNS:localhost,IP:127.0.0.1"}, &ca);
        make("cilium", {.common_name = "relay", .names = "DNS:*.hubble-relay.cilium.io"}, &ca);
        make("client", {.common_name = "cpg", .names = {}}, &ca);
        make("stranger", {.common_name = "stranger", .names = {}}, &other);
        use("local");
        options.tls.ca_files = {file("ca.crt")};
    }

    /// In files: `<stem>.crt` and `<stem>.key`.
    test::certificate make(const std::string& stem, const test::certificate_request& request,
                           const test::certificate* issuer = nullptr) const {
        test::certificate out = make_certificate(request, issuer);
        test::write_text(dir / (stem + ".crt"), out.pem);
        test::write_text(dir / (stem + ".key"), out.key);
        return out;
    }
    std::string file(const std::string& name) const { return dir / name; }
    void use(const std::string& stem) {
        sim.tls_cert = file(stem + ".crt");
        sim.tls_key = file(stem + ".key");
    }
    void show(const std::string& stem) {
        options.tls.client_cert_file = file(stem + ".crt");
        options.tls.client_key_file = file(stem + ".key");
    }
    bool works() {
        serve();
        open();
        run_until([this] { return receiver.uuids.size() >= 1000 || receiver.end; });
        BOOST_TEST_INFO((receiver.end ? receiver.end->problem : "no end"));
        BOOST_TEST(receiver.uuids.size() == 1000u);
        return receiver.uuids.size() == 1000;
    }
    void fails_with(std::string_view part, std::string_view advice) {
        serve();
        open();
        BOOST_REQUIRE(run_to_end());
        BOOST_TEST_CONTEXT(receiver.end->problem) {
            BOOST_TEST(receiver.end->problem.find(part) != std::string::npos);
            BOOST_TEST(receiver.end->problem.find(advice) != std::string::npos);
        }
        BOOST_TEST(logged().find("connected to") == std::string::npos);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(relay_tls_suite, tls_fixture, *boost::unit_test::timeout(test::patient(60U)))

BOOST_AUTO_TEST_CASE(tls_with_a_ca_of_ones_own) {
    works();
}

BOOST_AUTO_TEST_CASE(several_ca_files) {
    options.tls.ca_files = {file("other-ca.crt"), file("ca.crt")};
    works();
}

BOOST_AUTO_TEST_CASE(mutual_tls) {
    sim.tls_client_ca = file("ca.crt");
    show("client");
    works();
}

BOOST_AUTO_TEST_CASE(the_server_name_is_verified_in_place_of_the_host) {
    use("cilium");
    options.tls.server_name = "instance.hubble-relay.cilium.io";
    works();
}

BOOST_AUTO_TEST_CASE(a_ca_that_is_not_the_servers) {
    options.tls.ca_files = {file("other-ca.crt")};
    fails_with("not trusted", "--tls-ca-cert-files");
}

BOOST_AUTO_TEST_CASE(system_roots_do_not_trust_it) {
    options.tls.ca_files.clear();
    fails_with("not trusted", "--tls-ca-cert-files");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_name) {
    use("cilium");
    fails_with("another name", "--tls-server-name");
}

BOOST_AUTO_TEST_CASE(insecure_goes_without_verification_and_says_so) {
    use("cilium");
    options.tls.ca_files.clear();
    options.tls.allow_insecure = true;
    works();
    BOOST_TEST(logged().find("WARN  --tls-allow-insecure") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(insecure_still_shows_the_client_certificate) {
    sim.tls_client_ca = file("ca.crt");
    show("client");
    options.tls.allow_insecure = true;
    works();
}

BOOST_AUTO_TEST_CASE(a_client_certificate_is_missing) {
    sim.tls_client_ca = file("ca.crt");
    fails_with("TLS", "--tls-client-cert-file");
}

BOOST_AUTO_TEST_CASE(a_client_certificate_of_another_ca) {
    sim.tls_client_ca = file("ca.crt");
    show("stranger");
    fails_with("TLS", "--tls-client-cert-file");
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_the_certificates) {
    show("client");
    options.tls.client_key_file = file("stranger.key");
    fails_with("Hubble Relay at", "--tls-client-key-file");
}

BOOST_AUTO_TEST_CASE(tls_to_a_server_without) {
    sim.tls_cert.clear();
    options.tls.enabled = true;
    fails_with("TLS", "leave out --tls");
}

BOOST_AUTO_TEST_CASE(no_tls_to_a_server_with) {
    serve();
    options.tls = {};
    options.address = parse_relay_address(server->address().substr(6));
    open();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST_CONTEXT(receiver.end->problem) {
        BOOST_TEST(receiver.end->problem.find("needs --tls") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(files_that_are_no_certificates) {
    const auto refused = [this](std::string_view part) {
        options.address = parse_relay_address("tls://localhost:1");
        BOOST_CHECK_EXCEPTION(open(), fatal_error, [&](const fatal_error& error) {
            BOOST_TEST_INFO(error.what());
            return std::string_view(error.what()).find(part) != std::string_view::npos;
        });
    };
    options.tls.ca_files = {file("none.crt")};
    refused("there is no file");
    options.tls.ca_files = {file("ca.key")};
    refused("must be a PEM file");
    options.tls.ca_files = {dir.path()};
    refused("--tls-ca-cert-files");
}

BOOST_AUTO_TEST_CASE(a_unix_socket) {
    sim.tls_cert.clear();
    options.tls = {};
    sim.listen = "unix://" + file("socket");
    works();
    BOOST_TEST(options.address.shown == sim.listen);
}

BOOST_AUTO_TEST_CASE(an_abstract_socket_with_tls) {
    sim.listen = "unix-abstract:cpg-test-" + dir.path().filename().string();
    options.tls.enabled = true;
    works();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/tls.hpp"

#include <asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "k8s/api/api_client.hpp"
#include "support/api_stand_in.hpp"
#include "support/quiet_log.hpp"
#include "support/socks_stand_in.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;
using test::api_stand_in;
using test::certificate;
using test::http_text;
using test::make_certificate;
using test::quiet_log;

namespace {

const std::string loopback = "IP:127.0.0.1";

struct tls_case {
    asio::io_context context;
    cluster_access access;
    proxy_environment proxies;
    certificate root = make_certificate({.common_name = "root", .names = {}, .authority = true, .days = 1});
    std::string seen_name;
    std::string seen_client;
    std::chrono::milliseconds time = 5s;

    certificate leaf(const std::string& names, int days = 1) const {
        return make_certificate({.common_name = "127.0.0.1", .names = names, .authority = false, .days = days}, &root);
    }
    // The answer's body, or the error, of a GET from a server with this certificate.
    std::string get(const test::stand_in_tls& tls) {
        api_stand_in server(context, test::answers({{"GET", http_text(200, "fine")}}), tls);
        const std::string out = get_from(server.port());
        if (!server.requests().empty()) {
            seen_name = server.requests()[0].server_name;
            seen_client = server.requests()[0].client;
        }
        return out;
    }
    std::string get_from(unsigned short port) {
        access.server = {.tls = true, .host = "127.0.0.1", .port = std::to_string(port), .prefix = {}};
        api_client client(context.get_executor(), access, quiet_log(), "cpg/test", proxies);
        try {
            return test::run(context, client.get("/x", std::chrono::steady_clock::now() + time));
        } catch (const cluster_error& error) {
            return (error.permanent ? "permanent: " : "passing: ") + std::string(error.what());
        } catch (const std::exception& error) {
            return error.what();
        }
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// A proxy that asks for a tunnel's target to be dialled on this machine, after `check` agreed.
api_stand_in::handler connect_proxy(bool agree) {
    return [agree](const test::seen_request& request, connection& stream) -> asio::awaitable<void> {
        if (!agree || request.method != "CONNECT") {
            const std::string refused = http_text(403, "no");
            co_await stream.write(refused);
            co_return;
        }
        const auto port = static_cast<unsigned short>(std::stoi(request.target.substr(request.target.rfind(':') + 1)));
        const auto target = co_await test::connect_local(port);
        const std::string agreed = "HTTP/1.1 200 Connection established\r\n\r\n";
        co_await stream.write(agreed);
        co_await test::pump_bytes(stream, *target);
    };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tls_suite, tls_case)

BOOST_AUTO_TEST_CASE(the_clusters_own_authority_is_trusted_and_no_other) {
    access.certificate_authority.data = root.pem;
    BOOST_TEST(get({leaf(loopback), {}, {}}) == "fine");
    BOOST_TEST(seen_name.empty());  // never for an address
    access.certificate_authority.data =
        make_certificate({.common_name = "x", .names = {}, .authority = true, .days = 1}).pem;
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "permanent: TLS with 127.0.0.1:"));
    access.certificate_authority.data.clear();
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "certificate refused: unable to get local issuer certificate"));
}

BOOST_AUTO_TEST_CASE(a_cluster_has_one_context_until_its_certificates_change) {
    kept_tls_context kept;
    tls_settings settings{.authorities = root.pem, .certificate = {}, .key = {}, .name = "a"};
    const auto first = kept.of(settings);
    settings.name = "b";
    BOOST_TEST((kept.of(settings) == first));
    const certificate client = leaf({});
    settings.certificate = client.pem;
    settings.key = client.key;
    const auto second = kept.of(settings);
    BOOST_TEST((second != first));
    settings.insecure = true;
    BOOST_TEST((kept.of(settings) != second));
}

BOOST_AUTO_TEST_CASE(an_intermediate_alone_is_an_anchor) {
    const certificate middle =
        make_certificate({.common_name = "mid", .names = {}, .authority = true, .days = 1}, &root);
    const certificate end =
        make_certificate({.common_name = "x", .names = loopback, .authority = false, .days = 1}, &middle);
    access.certificate_authority.data = middle.pem;
    BOOST_TEST(get({end, {}, {}}) == "fine");
    access.certificate_authority.data = root.pem;
    BOOST_TEST(has(get({end, {}, {}}), "certificate refused"));
    BOOST_TEST(get({end, middle.pem, {}}) == "fine");
}

BOOST_AUTO_TEST_CASE(the_name_must_stand_in_the_alternative_names) {
    access.certificate_authority.data = root.pem;
    BOOST_TEST(has(get({leaf("IP:127.0.0.2"), {}, {}}), "certificate refused: IP address mismatch"));
    BOOST_TEST(has(get({leaf({}), {}, {}}), "certificate refused"));  // the common name counts for nothing
    access.tls_server_name = "api.example";
    BOOST_TEST(get({leaf("DNS:api.example"), {}, {}}) == "fine");
    BOOST_TEST(seen_name == "api.example");
    BOOST_TEST(has(get({leaf("DNS:other.example"), {}, {}}), "certificate refused: hostname mismatch"));
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_refused_and_an_insecure_cluster_takes_all) {
    access.certificate_authority.data = root.pem;
    BOOST_TEST(has(get({leaf(loopback, -1), {}, {}}), "certificate refused: certificate has expired"));
    access.certificate_authority.data.clear();
    access.insecure = true;
    BOOST_TEST(get({leaf("DNS:other", -1), {}, {}}) == "fine");
}

BOOST_AUTO_TEST_CASE(a_client_certificate_is_shown) {
    const certificate user =
        make_certificate({.common_name = "jane", .names = {}, .authority = false, .days = 1}, &root);
    access.certificate_authority.data = root.pem;
    access.user.client_certificate.data = user.pem;
    access.user.client_key.data = user.key;
    BOOST_TEST(get({leaf(loopback), {}, root.pem}) == "fine");
    BOOST_TEST(seen_client == "jane");
}

BOOST_AUTO_TEST_CASE(unusable_certificates_are_named) {
    access.certificate_authority.data = "no pem";
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "cannot use the certificate-authority of the kubeconfig"));
    access.certificate_authority = {.file = "/no/such.pem", .data = {}};
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "unable to read certificate-authority /no/such.pem"));
    access.certificate_authority = {.file = {}, .data = root.pem};
    access.user.client_certificate.data = leaf(loopback).pem;
    access.user.client_key.data = root.key;
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "cannot use the client key"));
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_not_taken_for_one) {
    api_stand_in server(context, test::answers({}));
    time = 300ms;
    BOOST_TEST(has(get_from(server.port()), "passing: TLS with"));
}

BOOST_AUTO_TEST_CASE(an_http_proxy_is_asked_for_a_tunnel) {
    access.certificate_authority.data = root.pem;
    api_stand_in proxy(context, connect_proxy(true));
    access.proxy_url = "http://us:er@127.0.0.1:" + std::to_string(proxy.port());
    BOOST_TEST(get({leaf(loopback), {}, {}}) == "fine");
    BOOST_TEST(proxy.requests().at(0).headers.at("proxy-authorization") == "Basic dXM6ZXI=");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_refuses_is_named) {
    api_stand_in proxy(context, connect_proxy(false));
    access.proxy_url = "http://127.0.0.1:" + std::to_string(proxy.port());
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "refused to connect to 127.0.0.1:"));
}

// As client-go, whose one TLS configuration serves the proxy, too.
BOOST_AUTO_TEST_CASE(an_https_proxy_may_have_a_certificate_of_the_clusters_authority) {
    access.certificate_authority.data = root.pem;
    api_stand_in proxy(context, connect_proxy(true), test::stand_in_tls{leaf(loopback), {}, {}});
    access.proxy_url = "https://127.0.0.1:" + std::to_string(proxy.port());
    BOOST_TEST(get({leaf(loopback), {}, {}}) == "fine");
}

BOOST_AUTO_TEST_CASE(rsa_keys_of_1024_bits_are_taken_as_go_takes_them) {
    const test::certificate old =
        test::make_certificate({.common_name = "old", .names = loopback, .rsa_bits = 1024}, &root);
    access.certificate_authority.data = root.pem;
    BOOST_TEST(get({old, {}, {}}) == "fine");
}

BOOST_AUTO_TEST_CASE(an_https_proxy_needs_a_certificate_of_the_systems_roots) {
    api_stand_in proxy(context, connect_proxy(true), test::stand_in_tls{leaf(loopback), {}, {}});
    access.proxy_url = "https://127.0.0.1:" + std::to_string(proxy.port());
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "TLS with proxy 127.0.0.1:"));
}

BOOST_AUTO_TEST_CASE(tls_runs_inside_the_tls_of_an_https_proxy) {
    // The only root that OpenSSL takes from outside is this variable's file.
    const test::stand_in_tls outside{leaf(loopback), {}, {}};
    char path[] = "/tmp/cpg-test-roots-XXXXXX";
    const int file = ::mkstemp(path);
    BOOST_REQUIRE(::write(file, root.pem.data(), root.pem.size()) > 0);
    ::close(file);
    ::setenv("SSL_CERT_FILE", path, 1);
    api_stand_in proxy(context, connect_proxy(true), outside);
    access.proxy_url = "https://127.0.0.1:" + std::to_string(proxy.port());
    access.certificate_authority.data = root.pem;
    BOOST_TEST(get({leaf(loopback), {}, {}}) == "fine");
    ::unsetenv("SSL_CERT_FILE");
    ::unlink(path);
}

BOOST_AUTO_TEST_CASE(a_socks_proxy_is_logged_in_to_and_given_the_name) {
    access.certificate_authority.data = root.pem;
    const test::socks_stand_in proxy(context, 0);
    access.proxy_url = "socks5://us:er@127.0.0.1:" + std::to_string(proxy.port());
    BOOST_TEST(get({leaf(loopback), {}, {}}) == "fine");
    BOOST_TEST(proxy.login() == "us:er");
    BOOST_TEST(proxy.host() == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(a_socks_proxy_that_refuses_says_why) {
    const test::socks_stand_in proxy(context, 5);
    const std::string at = "127.0.0.1:" + std::to_string(proxy.port());
    access.proxy_url = "socks5://us:er@" + at;
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "socks5 proxy: connection refused"));
    access.proxy_url = "socks5://" + at;
    BOOST_TEST(has(get({leaf(loopback), {}, {}}), "socks5 proxy: it accepts none of our ways to log in"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

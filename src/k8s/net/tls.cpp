// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/tls.hpp"

#include <openssl/x509v3.h>

#include <asio/buffer.hpp>

#include "base/error.hpp"
#include "base/url.hpp"

namespace cpg::k8s {

namespace {

void check(const asio::error_code& error, const char* what) {
    if (error) throw fatal_error(std::string("cannot use the ") + what + ": " + error.message());
}

void trust(asio::ssl::context& context, const tls_settings& settings) {
    asio::error_code error;
    if (settings.insecure) {
        context.set_verify_mode(asio::ssl::verify_none);
        return;
    }
    context.set_verify_mode(asio::ssl::verify_peer);
    if (settings.authorities.empty()) {
        context.set_default_verify_paths(error);
        check(error, "system's certificate authorities");
        return;
    }
    context.add_certificate_authority(asio::buffer(settings.authorities), error);
    check(error, "certificate-authority of the kubeconfig");
    // An intermediate certificate alone is an anchor for Go, for OpenSSL only with this flag.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
}

}  // namespace

asio::ssl::context make_tls_context(const tls_settings& settings) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    // Go takes RSA keys of 1024 bits, and clusters have certificates that are older than today's advice.
    SSL_CTX_set_security_level(context.native_handle(), 1);
    context.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); });
    trust(context, settings);
    asio::error_code error;
    if (!settings.certificate.empty()) {
        context.use_certificate_chain(asio::buffer(settings.certificate), error);
        check(error, "client certificate");
        context.use_private_key(asio::buffer(settings.key), asio::ssl::context::pem, error);
        check(error, "client key");
    }
    return context;
}

// The name is a connection's matter.
std::shared_ptr<asio::ssl::context> kept_tls_context::of(const tls_settings& settings) {
    const bool same = made_ && made_of_.authorities == settings.authorities &&
                      made_of_.certificate == settings.certificate && made_of_.key == settings.key &&
                      made_of_.insecure == settings.insecure;
    if (same) return made_;
    made_ = std::make_shared<asio::ssl::context>(make_tls_context(settings));
    made_of_ = settings;
    return made_;
}

void set_tls_name(SSL* tls, const tls_settings& settings) {
    const bool address = is_ip_address(settings.name);
    if (!address) SSL_set_tlsext_host_name(tls, settings.name.c_str());
    if (settings.insecure) return;
    X509_VERIFY_PARAM* param = SSL_get0_param(tls);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (address) {
        X509_VERIFY_PARAM_set1_ip_asc(param, settings.name.c_str());
    } else {
        X509_VERIFY_PARAM_set1_host(param, settings.name.c_str(), 0);
    }
}

std::string certificate_problem(SSL* tls) {
    const long result = SSL_get_verify_result(tls);
    return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

}  // namespace cpg::k8s

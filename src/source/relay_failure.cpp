// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_failure.hpp"

#include <array>
#include <string_view>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::string_view check_server =
    "check that --server is the address of Hubble Relay (its pods listen on 4245, its service on 80, or 443 "
    "with TLS)";

struct known_code {
    grpc::StatusCode code;
    std::string_view what;
    std::string_view advice;
};

// Errors that are the same on every attempt.
constexpr std::array terminal_codes = {
    known_code{grpc::StatusCode::PERMISSION_DENIED, "refused the request (permission denied)",
               "ask for access to Hubble, or give another address with --server"},
    known_code{grpc::StatusCode::UNAUTHENTICATED, "wants to know who asks (unauthenticated)",
               "give a client certificate with --tls-client-cert-file and --tls-client-key-file"},
    known_code{grpc::StatusCode::UNIMPLEMENTED, "does not offer Hubble's Observer service (unimplemented)",
               check_server},
    known_code{grpc::StatusCode::INVALID_ARGUMENT, "does not understand the request (invalid argument)",
               "its Hubble may be too old; check the version with `hubble status`"},
};

struct tls_text {
    std::string_view text;  ///< in what gRPC says of a failed handshake
    std::string_view what;
    std::string_view advice;
};

// gRPC reports a bad certificate as UNAVAILABLE; only its text tells. More specific ones come first.
constexpr std::array tls_texts = {
    tls_text{"CERTIFICATE_VERIFY_FAILED", "has a certificate that is not trusted",
             "give its CA with --tls-ca-cert-files, or go without verification with --tls-allow-insecure"},
    tls_text{"is not in peer certificate", "has a certificate for another name",
             "give the name with --tls-server-name (Cilium's own: instance.hubble-relay.cilium.io)"},
    tls_text{"Hostname Verification", "has a certificate for another name",
             "give the name with --tls-server-name (Cilium's own: instance.hubble-relay.cilium.io)"},
    tls_text{"WRONG_VERSION_NUMBER", "does not speak TLS", "leave out --tls and tls://"},
    tls_text{"CERTIFICATE_REQUIRED", "wants a client certificate",
             "give one with --tls-client-cert-file and --tls-client-key-file"},
    tls_text{"ALERT_", "refused the TLS handshake",
             "check --tls-client-cert-file and --tls-client-key-file, and --tls-server-name"},
    tls_text{"Ssl handshake failed", "failed the TLS handshake", "check the --tls-… flags"},
    tls_text{"handshaker", "can't be spoken to with these certificates",
             "check that --tls-client-cert-file and --tls-client-key-file belong together"},
};

std::string sentence(const relay_options& options, std::string_view what, const std::string& message) {
    std::string out = "Hubble Relay at " + printable(options.address.shown) + " " + std::string(what);
    return message.empty() ? out : out + ": " + printable(message);
}

relay_failure unreachable(const grpc::Status& status, const relay_options& options) {
    const std::string behind = options.explain_unavailable ? options.explain_unavailable() : "";
    relay_failure out;
    out.terminal = options.permanent_failure && options.permanent_failure();
    out.problem = sentence(options, "can't be reached", behind.empty() ? status.error_message() : behind);
    if (behind.empty()) out.advice = check_server;
    if (behind.empty() && !options.uses_tls()) out.advice += "; a relay with TLS needs --tls";
    return out;
}

}  // namespace

relay_failure explain_failure(const grpc::Status& status, const relay_options& options) {
    if (status.ok()) return {false, sentence(options, "ended the stream", ""), ""};
    for (const known_code& known : terminal_codes)
        if (known.code == status.error_code())
            return {true, sentence(options, known.what, status.error_message()), std::string(known.advice)};
    if (options.uses_tls())
        for (const tls_text& known : tls_texts)
            if (status.error_message().find(known.text) != std::string::npos)
                return {true, sentence(options, known.what, status.error_message()),
                        std::string(known.advice)};
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return unreachable(status, options);
    return {false, sentence(options, "failed", status.error_message()), std::string(check_server)};
}

}  // namespace cpg

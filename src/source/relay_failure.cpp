// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_failure.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::string_view check_server =
    "check that --server is the address of Hubble Relay (its pods listen on 4245, its service on 80, or 443 "
    "with TLS)";

constexpr std::string_view check_tunnel =
    "check that the pods with the label k8s-app=hubble-relay are Hubble Relay's own (--kube-namespace)";

struct known_code {
    grpc::StatusCode code;
    std::string_view what;
    std::string_view advice;
};

// Errors that are the same on every attempt.
constexpr std::array terminal_codes = {
    known_code{grpc::StatusCode::PERMISSION_DENIED, "refused the request (permission denied)",
               "ask for access to Hubble"},
    known_code{grpc::StatusCode::UNAUTHENTICATED, "wants to know who asks (unauthenticated)",
               "give a client certificate with --tls-client-cert-file and --tls-client-key-file"},
    known_code{grpc::StatusCode::UNIMPLEMENTED, "does not offer Hubble's Observer service (unimplemented)",
               check_server},
    known_code{grpc::StatusCode::INVALID_ARGUMENT, "does not understand the request (invalid argument)",
               "its Hubble may be too old; check the version with `hubble status`"},
};

struct tls_text {
    std::string_view text;  ///< in what gRPC says of a failed handshake, as simplified() writes it
    std::string_view what;
    std::string_view advice;
};

constexpr std::string_view name_advice =
    "give the name with --tls-server-name (Cilium's own: instance.hubble-relay.cilium.io)";
constexpr std::string_view client_advice =
    "give a client certificate with --tls-client-cert-file and "
    "--tls-client-key-file, and check that they belong together";

// gRPC reports a bad certificate as UNAVAILABLE; only its text tells. More specific ones come first.
constexpr std::array tls_texts = {
    tls_text{"certificate verify failed", "has a certificate that is not trusted",
             "give its CA with --tls-ca-cert-files, or go without verification with --tls-allow-insecure"},
    tls_text{"is not in peer certificate", "has a certificate for another name", name_advice},
    tls_text{"hostname verification", "has a certificate for another name", name_advice},
    tls_text{"wrong version number", "does not speak TLS", "leave out --tls and tls://"},
    tls_text{"certificate required", "wants a client certificate", client_advice},
    tls_text{" alert ", "refused the TLS handshake", client_advice},
    tls_text{"ssl handshake failed", "failed the TLS handshake", "check the --tls-… flags"},
    // gRPC finds no address usable when it can't use the certificates.
    tls_text{"empty address list", "can't be spoken to with these certificates", client_advice},
};

// OpenSSL and BoringSSL, with either of which gRPC may be built, write the same words as `wrong version
// number` and WRONG_VERSION_NUMBER.
std::string simplified(std::string_view text) {
    std::string out = lower(text);
    std::ranges::replace(out, '_', ' ');
    return out;
}

const tls_text* tls_trouble(const grpc::Status& status) {
    const std::string text = simplified(status.error_message());
    const auto found = std::ranges::find_if(
        tls_texts, [&](const tls_text& known) { return text.find(known.text) != std::string::npos; });
    return found == tls_texts.end() ? nullptr : found;
}

std::string sentence(const relay_options& options, std::string_view what, const std::string& message) {
    std::string out = "Hubble Relay at " + printable(options.address.shown) + " " + std::string(what);
    return message.empty() ? out : out + ": " + printable(message);
}

// What gRPC says of a port-forward names its near end, which means nothing to people.
std::string said_by(const grpc::Status& status, const relay_options& options) {
    std::string out = status.error_message();
    if (!options.address.tunnel) return out;
    for (std::size_t at = out.find(options.address.target); at != std::string::npos;
         at = out.find(options.address.target))
        out.replace(at, options.address.target.size(), "the port-forward");
    return out;
}

relay_failure unreachable(const grpc::Status& status, const relay_options& options) {
    const std::string behind = options.explain_unavailable ? options.explain_unavailable() : "";
    relay_failure out;
    out.refused = options.permanent_failure && options.permanent_failure();
    out.problem = sentence(options, "can't be reached", behind.empty() ? said_by(status, options) : behind);
    if (!behind.empty()) return out;
    const std::string tls =
        options.uses_tls() ? "where it wants one, " + std::string(client_advice) : "a relay with TLS needs --tls";
    out.advice = options.address.tunnel ? tls : std::string(check_server) + "; " + tls;
    return out;
}

}  // namespace

bool is_refused_mask(std::string_view message) {
    const std::string said = simplified(message);
    return said.find("fieldmask") != std::string::npos || said.find("field mask") != std::string::npos;
}

relay_failure explain_failure(const grpc::Status& status, const relay_options& options) {
    const auto failure = [&](bool terminal, std::string_view what, std::string_view advice) -> relay_failure {
        // Behind a port-forward nobody has given an address.
        const bool about_address = options.address.tunnel && advice == check_server;
        return {.terminal = terminal,
                .problem = sentence(options, what, status.ok() ? "" : said_by(status, options)),
                .advice = std::string(about_address ? check_tunnel : advice)};
    };
    if (status.ok()) return failure(false, "ended the stream", "");
    if (status.error_message().starts_with("Compression algorithm"))
        return failure(true, "compresses what it sends, unasked", check_server);
    for (const known_code& known : terminal_codes)
        if (known.code == status.error_code()) return failure(true, known.what, known.advice);
    if (const tls_text* known = options.uses_tls() ? tls_trouble(status) : nullptr)
        return failure(true, known->what, known->advice);
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return unreachable(status, options);
    return failure(false, "failed", check_server);
}

}  // namespace cpg

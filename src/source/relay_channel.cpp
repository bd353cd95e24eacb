// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_channel.hpp"

#include <grpc/compression.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <cstdlib>
#include <mutex>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/limits.hpp"

namespace cpg {

namespace {

constexpr int most_message_bytes = static_cast<int>(limits::message_bytes);

// gRPC writes of its own accord to stderr, in a format of its own, what cpg reports as a sentence anyway.
void silence_grpc() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (!std::getenv("GRPC_VERBOSITY")) gpr_set_log_function([](gpr_log_func_args*) {});
    });
}

std::string read_pem(const std::string& flag, const std::string& path, std::string_view must_hold) {
    constexpr std::size_t most_bytes = 16 * 1024 * 1024;
    try {
        const auto bytes = read_file(path, most_bytes);
        if (!bytes) throw fatal_error("can't read " + flag + ": there is no file " + path);
        if (bytes->find(must_hold) != std::string::npos) return *bytes;
    } catch (const file_error& error) {
        throw fatal_error("can't read " + flag + ": " + error.what());
    }
    throw fatal_error("can't use " + flag + ": there is no \"" + std::string(must_hold) + "\" in " + path +
                      "; it must be a PEM file");
}

struct pem_files {
    std::string roots;
    std::string certificate;
    std::string key;
};

pem_files read_pem_files(const relay_tls& tls) {
    pem_files out;
    for (const std::string& path : tls.ca_files)
        out.roots += read_pem(tls.origin("tls-ca-cert-files"), path, "BEGIN CERTIFICATE") + "\n";
    if (tls.client_cert_file.empty()) return out;
    out.certificate = read_pem(tls.origin("tls-client-cert-file"), tls.client_cert_file, "BEGIN CERTIFICATE");
    out.key = read_pem(tls.origin("tls-client-key-file"), tls.client_key_file, "PRIVATE KEY");
    return out;
}

std::shared_ptr<grpc::ChannelCredentials> unverified_credentials(const pem_files& pem) {
    using namespace grpc::experimental;
    TlsChannelCredentialsOptions options;
    options.set_verify_server_certs(false);
    options.set_check_call_host(false);
    options.set_certificate_verifier(std::make_shared<NoOpCertificateVerifier>());
    if (!pem.key.empty()) {
        options.set_certificate_provider(std::make_shared<StaticDataCertificateProvider>(
            std::vector<IdentityKeyCertPair>{{pem.key, pem.certificate}}));
        options.watch_identity_key_cert_pairs();
    }
    return TlsCredentials(options);
}

}  // namespace

std::shared_ptr<grpc::ChannelCredentials> relay_credentials(const relay_options& options) {
    silence_grpc();
    if (!options.uses_tls()) return grpc::InsecureChannelCredentials();
    const pem_files pem = read_pem_files(options.tls);
    if (options.tls.allow_insecure) return unverified_credentials(pem);
    return grpc::SslCredentials({pem.roots, pem.key, pem.certificate});
}

std::shared_ptr<grpc::Channel> relay_channel(const relay_options& options,
                                             const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(most_message_bytes);
    // gRPC holds the bound against a message as it comes, not as it is after decompression: 300 KB may be 300 MB of
    // zeros. Neither relay nor agent compresses, and who does it unasked is refused.
    arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1U << GRPC_COMPRESS_NONE);
    arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    // A channel serves one attempt, and relay_stream decides on the next: through a port-forward each connection is a
    // tunnel and a question to the API server.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 3600 * 1000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 3600 * 1000);
    // A Go server takes pings more often than every 5 minutes for an attack; without any, a network that was
    // cut would look like a cluster without drops for ever.
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 6 * 60 * 1000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * 1000);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    if (options.address.tunnel) arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost:4245");
    if (!options.tls.server_name.empty()) arguments.SetSslTargetNameOverride(options.tls.server_name);
    return grpc::CreateCustomChannel(options.address.target, credentials, arguments);
}

}  // namespace cpg

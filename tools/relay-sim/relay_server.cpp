// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "relay_server.hpp"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include "base/error.hpp"
#include "base/files.hpp"
#include "generated_flows.hpp"

namespace cpg::sim {

namespace {

std::string read_pem(const std::string& path) {
    const auto bytes = read_file(path, 1 << 20);
    if (!bytes) throw fatal_error("there is no file " + path);
    return *bytes;
}

std::shared_ptr<grpc::ServerCredentials> credentials_of(const settings& settings) {
    if (!settings.uses_tls()) return grpc::InsecureServerCredentials();
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({read_pem(settings.tls_key), read_pem(settings.tls_cert)});
    if (!settings.tls_client_ca.empty()) {
        options.pem_root_certs = read_pem(settings.tls_client_ca);
        options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
    }
    return grpc::SslServerCredentials(options);
}

std::shared_ptr<const event_log> log_of(const settings& settings) {
    return std::make_shared<event_log>(
        settings.capture.empty() ? generated_flows(settings) : read_capture(settings.capture), settings.loop,
        settings.skew);
}

}  // namespace

relay_server::relay_server(const settings& settings) : service_(settings, log_of(settings)) {
    grpc::ServerBuilder builder;
    int port = 0;
    // Without this, a second server on the port of a running one starts and shares its clients.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(settings.listen, credentials_of(settings), &port);
    if (settings.compress) builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_GZIP);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    const bool is_unix = settings.listen.starts_with("unix");
    if (!server_ || (!is_unix && port == 0)) throw fatal_error("can't listen on " + settings.listen);
    address_ = settings.listen;
    if (!is_unix) address_.replace(address_.rfind(':') + 1, std::string::npos, std::to_string(port));
    if (settings.uses_tls() && !is_unix) address_.insert(0, "tls://");
}

relay_server::~relay_server() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
}

}  // namespace cpg::sim

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// TLS as Go's client does it, where OpenSSL by itself would differ: any given certificate is an anchor, the
// common name of a certificate counts for nothing, TLS 1.2 at least, no server name for an address, and no
// prompt for a key's password. Any thread.

#include <asio/ssl/context.hpp>
#include <memory>
#include <string>

namespace cpg::k8s {

struct tls_settings {
    std::string authorities;  ///< PEM; empty: the system's roots
    std::string certificate;  ///< PEM chain of the client, or empty
    std::string key;
    std::string name;  ///< host name or address that the server's certificate must carry
    bool insecure = false;
};

/// Throws fatal_error when a certificate or key can't be used.
asio::ssl::context make_tls_context(const tls_settings& settings);

/// The context of the connections to one cluster, made anew only when what it is made of changes: reading a system's
/// roots takes longer than a handshake.
class kept_tls_context {
  public:
    /// Throws as make_tls_context() does.
    std::shared_ptr<asio::ssl::context> of(const tls_settings& settings);

  private:
    tls_settings made_of_;
    std::shared_ptr<asio::ssl::context> made_;
};

/// Sets server name and expected name on one connection.
void set_tls_name(SSL* tls, const tls_settings& settings);

/// Why the peer's certificate was refused, or nothing when that was not the problem.
std::string certificate_problem(SSL* tls);

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Certificates made on the spot for one test, so that none can expire in the repository.

#include <string>

namespace cpg::test {

struct certificate {
    std::string pem;
    std::string key;
};

struct certificate_request {
    std::string common_name = "cpg test";
    std::string names;  ///< subjectAltName, e.g. `DNS:localhost,IP:127.0.0.1`; none when empty
    bool authority = false;
    int days = 1;           ///< negative: expired
    unsigned rsa_bits = 0;  ///< 0: a key of P-256
};

/// Signed by `issuer`, or by itself.
certificate make_certificate(const certificate_request& request, const certificate* issuer = nullptr);

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Why something on the way into a cluster did not come about: a connection, an answer, a tunnel. The text is for the
// user and names the address.

#include <stdexcept>
#include <string>

namespace cpg::k8s {

class cluster_error : public std::runtime_error {
  public:
    explicit cluster_error(const std::string& text, bool for_good = false)
        : std::runtime_error(text), permanent(for_good) {}

    const bool permanent;  ///< waiting does not mend it: 401, 403 or a certificate that was refused
};

}  // namespace cpg::k8s

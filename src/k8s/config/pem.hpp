// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Certificates and keys, which a kubeconfig holds or names. Any thread.

#include <string>

#include "k8s/config/access.hpp"

namespace cpg::k8s {

/// The PEM text, read anew when it is a file, so that a renewed certificate is picked up; `what` names it in the
/// message. Throws fatal_error.
std::string read_pem(const file_or_data& source, const std::string& what);

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The label by which policies that cpg wrote are known, in files and in a cluster.

#include <string_view>

namespace cpg {

inline constexpr std::string_view managed_by_label = "app.kubernetes.io/managed-by";
inline constexpr std::string_view managed_by = "cpg";

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// SHA-256 for short, stable names (never for secrets). Any thread.

#include <string>
#include <string_view>

namespace cpg {

/// Lower-case hexadecimal SHA-256, 64 characters.
std::string sha256_hex(std::string_view bytes);

}  // namespace cpg

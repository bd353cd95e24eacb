// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Base64 in its standard alphabet with padding (RFC 4648, section 4). Pure; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cpg {

std::string base64_encode(std::string_view bytes);

struct base64_result {
    std::string bytes;
    std::optional<std::size_t> bad_at;  ///< the first byte of the text that is not base64; its end when it is cut
};

/// CR and LF are skipped, as Go's decoder does.
base64_result base64_decode(std::string_view text);

}  // namespace cpg

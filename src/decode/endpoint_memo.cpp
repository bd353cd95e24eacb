// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/endpoint_memo.hpp"

#include <functional>

namespace cpg {

std::size_t endpoint_memo::place_of(std::string_view bytes) {
    return std::hash<std::string_view>{}(bytes) % places;
}

bool endpoint_memo::recall(std::string_view bytes, endpoint& out) const {
    if (bytes.empty()) return false;
    const kept_endpoint& found = entries_[place_of(bytes)];
    if (found.bytes() != bytes) return false;
    found.give(bytes, out);
    return true;
}

void endpoint_memo::remember(std::string_view bytes, const endpoint& read) {
    if (kept_endpoint::can_keep(bytes, read)) entries_[place_of(bytes)].keep(bytes, read);
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A table that an enumeration indexes, a row each with the enumerator in it: one that is out of place, or missing,
// does not compile.
//
//     constexpr auto rows = std::to_array<enum_row<colour>>({{colour::red, "red"}, {colour::blue, "blue"}});
//     static_assert(are_rows_of(rows, colour::blue));

#include <array>
#include <cstddef>
#include <string_view>

namespace cpg {

template <typename value, typename text = std::string_view>
struct enum_row {
    value of;
    text is;
};

/// There is a row for each from 0 to `last`, in their order.
template <typename value, typename text, std::size_t count>
constexpr bool are_rows_of(const std::array<enum_row<value, text>, count>& rows, value last) {
    for (std::size_t i = 0; i < count; ++i)
        if (static_cast<std::size_t>(rows[i].of) != i) return false;
    return count == static_cast<std::size_t>(last) + 1;
}

template <typename value, typename text, std::size_t count>
constexpr const text& in_row(const std::array<enum_row<value, text>, count>& rows, value of) {
    return rows[static_cast<std::size_t>(of)].is;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/append.hpp"

#include <algorithm>

namespace cpg {

// What C++20 has sets the place to zero, which is a second pass over all memory that a capture goes through: of the CPU
// time of a replay a twentieth. So this file alone is C++23, where the library has it.
void append(std::string& to, std::size_t most, const std::function<std::size_t(char*)>& fill) {
    const std::size_t before = to.size();
#ifdef __cpp_lib_string_resize_and_overwrite
    to.resize_and_overwrite(before + most, [&](char* text, std::size_t) { return before + fill(text + before); });
#else
    to.resize(before + most);
    to.resize(before + fill(to.data() + before));
#endif
}

}  // namespace cpg

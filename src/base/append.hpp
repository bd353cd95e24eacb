// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Text that is filled where it will lie, and not set to zero before. Any thread.

#include <cstddef>
#include <functional>
#include <string>

namespace cpg {

/// `fill` writes to a place for `most` bytes behind `to`, and says how many it wrote. It does not throw.
void append(std::string& to, std::size_t most, const std::function<std::size_t(char*)>& fill);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Text that is kept for long and needed seldom, compressed: a twentieth of its size where it is JSON. A value; any
// thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace cpg {

class packed_text {
  public:
    /// Throws std::runtime_error when the compressor has no memory.
    explicit packed_text(std::string_view text);

    std::string text() const;

  private:
    std::string bytes_;
    std::size_t size_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// An endpoint and the bytes that say it: a pod is the same bytes in each of its flows, and those are half of a flow's,
// so most endpoints need not be read again. A value.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "flow/flow.hpp"

namespace cpg {

class kept_endpoint {
  public:
    /// Longer ones are not kept: a pod's is some hundred bytes.
    static constexpr std::size_t most_bytes = 2048;

    /// False for one that can't be kept: too long, with labels that are only of its batch, or with text that does not
    /// lie in `bytes` as it is.
    static bool can_keep(std::string_view bytes, const endpoint& read);
    /// `read` is what the bytes say, and can be kept.
    void keep(std::string_view bytes, const endpoint& read);
    /// What `bytes` say, with its text in them; they are the same as the kept ones.
    void give(std::string_view bytes, endpoint& out) const;

    /// Empty: nothing is kept.
    const std::string& bytes() const { return bytes_; }

  private:
    struct part {
        std::uint16_t offset = 0;
        std::uint16_t size = 0;
    };

    std::string bytes_;
    const label_set* labels_ = nullptr;
    std::uint32_t identity_ = 0;
    std::array<part, 4> texts_{};
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Endpoints by their serialized form: a pod is the same bytes in each of its flows, and those are half of a flow's, so
// most endpoints need not be read again. One thread at a time.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flow/flow.hpp"

namespace cpg {

class endpoint_memo {
  public:
    /// Longer ones are not kept: a pod's is some hundred bytes.
    static constexpr std::size_t most_bytes = 1024;

    /// The endpoint that has exactly these bytes, with its text in `bytes`; false when it is not known.
    bool recall(std::string_view bytes, endpoint& out) const;
    /// `read` is what the bytes say, with its text in `bytes`. One whose labels are only of its batch is not kept.
    void remember(std::string_view bytes, const endpoint& read);

  private:
    struct part {
        std::uint16_t offset = 0;
        std::uint16_t size = 0;
    };
    struct entry {
        std::string bytes;  ///< empty: a free place
        const label_set* labels = nullptr;
        std::uint32_t identity = 0;
        std::array<part, 4> texts{};
    };

    static std::size_t place_of(std::string_view bytes);

    // Another endpoint of the same place takes it over.
    static constexpr std::size_t places = 2048;
    std::vector<entry> entries_ = std::vector<entry>(places);
};

}  // namespace cpg

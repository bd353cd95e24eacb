// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Endpoints by their serialized form, where its length is known, as in protobuf. One thread at a time.

#include <string_view>
#include <vector>

#include "decode/kept_endpoint.hpp"

namespace cpg {

class endpoint_memo {
  public:
    /// The endpoint that has exactly these bytes, with its text in `bytes`; false when it is not known.
    bool recall(std::string_view bytes, endpoint& out) const;
    /// `read` is what the bytes say, with its text in `bytes`. One that can't be kept is not.
    void remember(std::string_view bytes, const endpoint& read);

  private:
    static std::size_t place_of(std::string_view bytes);

    // Another endpoint of the same place takes it over.
    static constexpr std::size_t places = 2048;
    std::vector<kept_endpoint> entries_ = std::vector<kept_endpoint>(places);
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Reads an object as Hubble prints nearly all of them: text without escapes and beyond ASCII, whole numbers, little
// depth. It tells the handler just what the parser would, several times as fast; what is not so plain, or not JSON at
// all, is left to the parser, which begins anew. So it need not know what is wrong with a line, and never says so.
// One thread at a time.

#include <cstddef>
#include <string_view>

#include "decode/json_handler.hpp"
#include "decode/object_memo.hpp"

namespace cpg::json {

class plain_reader {
  public:
    /// Both must outlive this object.
    plain_reader(line_handler& handler, object_memo& memo) : handler_(handler), memo_(memo) {}

    /// The size of the object that `text` begins with, within a line. `text` lies in the handler's batch, up to the end
    /// of a line or of all of it. 0: the object is not plain, or the handler refused it; it then has seen a part of it,
    /// and is to begin again.
    std::size_t read(std::string_view text);

  private:
    // Each takes the place where something is to begin, and gives the place behind it; null where it is not there.
    using place = const char*;

    place object(place at);
    place members(place at);
    place array(place at);
    place value(place at);
    place string_value(place at);
    place object_value(place at);
    place number(place at);
    place word(place at, std::string_view wanted) const;

    line_handler& handler_;
    object_memo& memo_;
    place end_ = nullptr;
    std::size_t depth_ = 0;
    boost::json::error_code refused_;  ///< what the handler says; not used
};

}  // namespace cpg::json

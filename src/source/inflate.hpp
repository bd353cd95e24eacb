// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Undoes gzip (ISA-L; several members in a row) and zstd, told apart by their first bytes; other input passes as it
// is. Fed piece by piece; memory is bounded by the pieces. One thread at a time.

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cpg {

/// Compressed input that is corrupt or ends too early. What came out before stays good.
class inflate_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class inflater {
  public:
    /// Enough of the input's beginning to tell its format.
    static constexpr std::size_t magic_bytes = 4;

    virtual ~inflater() = default;
    /// Takes input and appends output; both are consumed or produced until `out` has grown by about `most_output`.
    /// Returns how much of `in` was used. Throws inflate_error; `out` then has what came before the fault.
    virtual std::size_t feed(std::string_view in, std::string& out, std::size_t most_output) = 0;
    /// The input has ended. Throws inflate_error when it ended too early.
    virtual void finish() = 0;
};

/// `beginning`: the first bytes, at least magic_bytes of them unless the input is shorter.
std::unique_ptr<inflater> make_inflater(std::string_view beginning);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Undoes gzip, zstd, xz and bzip2 with the filters of Boost.Iostreams, told apart by their first bytes; other input
// passes as it is. Several streams in a row are one text. Fed piece by piece; memory is bounded by the pieces and by
// what a format's window may take (zstd 128 MiB, xz 100 MiB). One thread at a time.

#include <cstddef>
#include <cstdint>
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
    static constexpr std::size_t magic_bytes = 6;

    virtual ~inflater() = default;
    /// Takes input and appends output; both are consumed or produced until `out` has grown by about `most_output`.
    /// Returns how much of `in` was used. Throws inflate_error; `out` then has what came before the fault.
    virtual std::size_t feed(std::string_view in, std::string& out, std::size_t most_output) = 0;
    /// True where what comes out is what goes in.
    virtual bool passes_as_it_is() const { return false; }
    /// The input has ended and feed() without input gives nothing more: appends what was held back, at most a block.
    /// Throws inflate_error when the input ended too early.
    virtual void finish(std::string& out) = 0;
    /// How much of the input was taken: where a fault lies, or a few KiB behind it.
    virtual std::uint64_t taken() const = 0;
};

/// Appends all that is still to come after the input's end, in steps of about `step`.
void drain(inflater& from, std::string& out, std::size_t step);
/// True when more bytes may change what make_inflater makes of `beginning`.
bool may_become_magic(std::string_view beginning);
/// `beginning`: the first bytes, at least magic_bytes of them unless the input is shorter.
std::unique_ptr<inflater> make_inflater(std::string_view beginning);

}  // namespace cpg

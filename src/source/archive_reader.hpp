// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The files in a tar or zip archive, one after the other, through libarchive: only their bytes. Their paths are for
// people to read and never used as such; links, devices and folders are passed over. Memory is bounded by libarchive's
// blocks. One thread at a time.

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct archive;

namespace cpg {

/// An archive, or a file in one, that is damaged or of a kind that is not read. What came before stays good.
class archive_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Enough of a beginning to tell an archive: a tar's magic stands at byte 257 (POSIX.1-1988).
inline constexpr std::size_t archive_magic_bytes = 262;

bool begins_archive(std::string_view beginning);
bool begins_zip(std::string_view beginning);

class archive_reader {
  public:
    /// The archive's next bytes, valid until the next call; none at the end. May throw, and next() and read() then do.
    using block_source = std::function<std::string_view()>;

    explicit archive_reader(block_source blocks);
    /// A zip in a regular file, whose directory stands at its end.
    explicit archive_reader(int descriptor);
    ~archive_reader();
    archive_reader(const archive_reader&) = delete;
    archive_reader& operator=(const archive_reader&) = delete;

    /// Goes to the next file and returns its name, or nothing at the end. Throws archive_error.
    std::optional<std::string> next();
    /// The file's next bytes, valid until the next call; none at its end. Throws archive_error.
    std::string_view read();
    /// How much of the archive was read.
    std::uint64_t position() const;

  private:
    static long read_block(archive*, void* self, const void** block);
    void check(int status);
    [[noreturn]] void fail();

    struct free_archive {
        void operator()(archive* of) const;
    };
    block_source blocks_;
    std::exception_ptr failure_;  ///< of blocks_: it must not pass through libarchive
    std::unique_ptr<archive, free_archive> archive_;
    std::size_t entries_ = 0;
};

}  // namespace cpg

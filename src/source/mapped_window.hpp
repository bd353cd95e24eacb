// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A part of a regular file in memory, read without a copy. A log rotator may cut the file while it is read, and the
// kernel then sends SIGBUS for what is gone: each window installs a handler that puts zeros in that place, and the
// window knows of it. SIGBUS elsewhere ends the process as before. At most 64 windows at a time; one thread each.

#include <boost/iostreams/device/mapped_file.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cpg {

class mapped_window {
  public:
    /// Bytes `from` to `from + length` of the file behind a descriptor, which may be closed later. Throws
    /// std::exception where it can't be mapped (no /proc, no memory, too many windows).
    mapped_window(int descriptor, std::uint64_t from, std::size_t length);
    ~mapped_window();
    mapped_window(const mapped_window&) = delete;
    mapped_window& operator=(const mapped_window&) = delete;

    std::string_view bytes() const { return bytes_; }
    /// True when a part that was read since is not in the file any more: what was read may be zeros.
    bool was_cut() const;

  private:
    boost::iostreams::mapped_file_source file_;
    std::string_view bytes_;
    std::size_t slot_ = 0;
};

}  // namespace cpg

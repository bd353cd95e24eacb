// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Bytes of a file, a pipe or standard input. To be looked at, regular files are mapped, others read; what is kept as it
// is, is read to where it is kept. One thread at a time; position()
// from any.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "source/mapped_window.hpp"

namespace cpg {

class byte_reader {
  public:
    /// `path`, or `-` for standard input. Throws fatal_error.
    explicit byte_reader(const std::string& path);
    ~byte_reader();
    byte_reader(const byte_reader&) = delete;
    byte_reader& operator=(const byte_reader&) = delete;

    int descriptor() const { return fd_; }
    const std::string& name() const { return name_; }
    /// True when more() may wait for somebody else: anything but a regular file.
    bool may_block() const { return !regular_; }
    /// Waits up to `milliseconds` for bytes. True when more() would not wait.
    bool wait(int milliseconds) const;
    /// Adds to pending(). False at the end. Throws fatal_error.
    bool more();
    /// Adds bytes to `to` itself, at most about `most` of a file, for who wants them as they are; pending() is empty.
    /// False at the end. Throws fatal_error.
    bool read_into(std::string& to, std::size_t most);
    /// What was not consumed yet; valid until more() or consume().
    std::string_view pending() const { return pending_; }
    void consume(std::size_t bytes);
    /// Throws fatal_error when the file was cut short under what was read since more(): that may be zeros.
    void check_not_cut() const;

    std::uint64_t position() const { return position_; }
    /// Size of a regular file when it was opened, else 0.
    std::uint64_t size() const { return size_; }

  private:
    bool map_more();
    bool read_more();
    bool read_behind(std::string& to, std::size_t most);

    int fd_ = -1;
    std::string name_;
    bool regular_ = false;
    bool mappable_ = false;
    std::uint64_t size_ = 0;
    std::atomic<std::uint64_t> position_ = 0;  ///< in a file; else of what was consumed
    std::optional<mapped_window> window_;
    std::string buffer_;
    std::string_view pending_;
};

}  // namespace cpg

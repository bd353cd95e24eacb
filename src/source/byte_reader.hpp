// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Bytes of a file, a pipe or standard input. One thread at a time; progress() and position() from any.

#include <atomic>
#include <cstdint>
#include <string>

namespace cpg {

class byte_reader {
  public:
    /// `path`, or `-` for standard input. Throws fatal_error.
    explicit byte_reader(const std::string& path);
    ~byte_reader();
    byte_reader(const byte_reader&) = delete;
    byte_reader& operator=(const byte_reader&) = delete;

    const std::string& name() const { return name_; }
    /// True when a read may wait for somebody else: anything but a regular file.
    bool may_block() const { return !regular_; }
    /// Waits up to `milliseconds` for bytes. True when a read would not wait.
    bool wait(int milliseconds) const;
    /// Appends up to `most` bytes; returns how many, 0 at the end. Throws fatal_error.
    std::size_t read(std::string& out, std::size_t most);

    std::uint64_t position() const { return position_; }
    /// Size of a regular file, else 0.
    std::uint64_t size() const { return size_; }

  private:
    int fd_ = -1;
    std::string name_;
    bool regular_ = false;
    std::uint64_t size_ = 0;
    std::atomic<std::uint64_t> position_ = 0;
};

}  // namespace cpg

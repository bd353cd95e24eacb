// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Logs for tests: one that says nothing, and one whose lines can be read back.

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "base/log.hpp"

namespace cpg::test {

/// Shared by all; writes nowhere.
inline logger& quiet_log() {
    static logger log({.level = log_level::error, .json = false, .colour = false, .descriptor = -1});
    return log;
}

/// Keeps every line, debug included, in a file without a name.
class kept_log {
  public:
    kept_log() : descriptor_(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {}
    kept_log(const kept_log&) = delete;
    kept_log& operator=(const kept_log&) = delete;
    ~kept_log() { ::close(descriptor_); }

    logger& log() { return log_; }
    std::string text() const {
        std::string out(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_END)), '\0');
        const ssize_t count = ::pread(descriptor_, out.data(), out.size(), 0);
        out.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return out;
    }

  private:
    int descriptor_;
    logger log_{{.level = log_level::debug, .json = false, .colour = false, .descriptor = descriptor_}};
};

}  // namespace cpg::test

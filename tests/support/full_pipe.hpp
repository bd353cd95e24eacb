// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A pipe that is full and that nobody reads: who writes to it waits for ever. One thread.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace cpg::test {

class full_pipe {
  public:
    full_pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
        const int flags = ::fcntl(ends_[1], F_GETFL);
        ::fcntl(ends_[1], F_SETFL, flags | O_NONBLOCK);
        while (::write(ends_[1], "x", 1) == 1) {
        }
        ::fcntl(ends_[1], F_SETFL, flags);
    }
    full_pipe(const full_pipe&) = delete;
    full_pipe& operator=(const full_pipe&) = delete;
    ~full_pipe() {
        for (const int end : ends_)
            ::close(end);
    }

    int writer() const { return ends_[1]; }

  private:
    std::array<int, 2> ends_{-1, -1};
};

}  // namespace cpg::test

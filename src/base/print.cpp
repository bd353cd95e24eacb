// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/print.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <string>
#include <system_error>

#include "base/descriptor.hpp"
#include "base/error.hpp"

namespace cpg {

namespace {

struct {
    std::mutex mutex;
    int failed = 0;  ///< errno
} output;

}  // namespace

void print(std::string_view text) {
    const std::lock_guard lock(output.mutex);
    while (!text.empty() && output.failed == 0) {
        const ssize_t written = uninterrupted([&] { return ::write(STDOUT_FILENO, text.data(), text.size()); });
        if (written < 0)
            output.failed = errno;
        else
            text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void check_printed() {
    const std::lock_guard lock(output.mutex);
    if (output.failed != 0 && output.failed != EPIPE)
        throw fatal_error("standard output could not be written: " + std::generic_category().message(output.failed));
}

void reserve_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
}

}  // namespace cpg

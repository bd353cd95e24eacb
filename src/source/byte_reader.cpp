// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/byte_reader.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace cpg {

byte_reader::byte_reader(const std::string& path) : name_(path == "-" ? "standard input" : path) {
    fd_ = path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) throw fatal_error("cannot open " + name_ + ": " + std::strerror(errno));
    struct stat status {};
    if (::fstat(fd_, &status) == 0) {
        if (S_ISDIR(status.st_mode)) throw fatal_error("cannot read " + name_ + ": it is a directory, not a capture");
        regular_ = S_ISREG(status.st_mode);
        size_ = regular_ ? static_cast<std::uint64_t>(status.st_size) : 0;
    }
}

byte_reader::~byte_reader() {
    if (fd_ >= 0) ::close(fd_);
}

bool byte_reader::wait(int milliseconds) const {
    pollfd waited{.fd = fd_, .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, milliseconds) > 0;
}

std::size_t byte_reader::read(std::string& out, std::size_t most) {
    const std::size_t before = out.size();
    out.resize(before + most);
    ssize_t got = 0;
    do
        got = ::read(fd_, out.data() + before, most);
    while (got < 0 && errno == EINTR);
    const int error = errno;
    out.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0) throw fatal_error("cannot read " + name_ + ": " + std::strerror(error));
    position_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
}

}  // namespace cpg

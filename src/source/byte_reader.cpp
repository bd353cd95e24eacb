// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/byte_reader.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/append.hpp"
#include "base/descriptor.hpp"
#include "base/error.hpp"

namespace cpg {

namespace {

constexpr std::size_t most_mapped = 4U << 20U;
constexpr std::size_t most_read = 256U << 10U;

// A named pipe is opened before anybody writes to it: waiting is for wait(), which a stop ends.
int open_for_reading(const std::string& path) {
    const int out = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (out >= 0) ::fcntl(out, F_SETFL, ::fcntl(out, F_GETFL) & ~O_NONBLOCK);
    return out;
}

}  // namespace

byte_reader::byte_reader(const std::string& path) : name_(path == "-" ? "standard input" : path) {
    fd_ = path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open_for_reading(path);
    if (fd_ < 0) throw fatal_error("cannot open " + name_ + ": " + std::strerror(errno));
    struct stat status {};
    if (::fstat(fd_, &status) == 0) {
        if (S_ISDIR(status.st_mode)) throw fatal_error("cannot read " + name_ + ": it is a directory, not a capture");
        regular_ = S_ISREG(status.st_mode);
        size_ = regular_ ? static_cast<std::uint64_t>(status.st_size) : 0;
        mappable_ = size_ > 0;  // else it may be of /proc
        // Standard input may have been read from before.
        if (const off_t at = regular_ ? ::lseek(fd_, 0, SEEK_CUR) : 0; at > 0)
            position_ = static_cast<std::uint64_t>(at);
    }
}

byte_reader::~byte_reader() {
    if (fd_ >= 0) ::close(fd_);
}

bool byte_reader::wait(int milliseconds) const {
    pollfd waited{.fd = fd_, .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, milliseconds) > 0;
}

bool byte_reader::more() {
    return mappable_ ? map_more() : read_more();
}

// One window after the other. The size is asked for each time: a file may grow, or be cut, while it is read.
bool byte_reader::map_more() {
    if (!pending_.empty()) return false;  // A window holds all that there is of a file, or far more than is needed.
    struct stat status {};
    const bool known = ::fstat(fd_, &status) == 0;
    const auto size = known ? static_cast<std::uint64_t>(status.st_size) : 0;
    window_.reset();
    if (size <= position_) return false;
    try {
        window_.emplace(fd_, position_,
                        static_cast<std::size_t>(std::min<std::uint64_t>(size - position_, most_mapped)));
        pending_ = window_->bytes();
        return true;
    } catch (const std::exception&) {
        mappable_ = false;
        return ::lseek(fd_, static_cast<off_t>(position_.load()), SEEK_SET) >= 0 && read_more();
    }
}

bool byte_reader::read_more() {
    buffer_.erase(0, buffer_.size() - pending_.size());
    const bool more = read_behind(buffer_, most_read);
    pending_ = buffer_;
    return more;
}

// What is mapped is at its place in the file, whatever the descriptor's.
bool byte_reader::read_behind(std::string& to, std::size_t most) {
    ssize_t got = 0;
    int error = 0;
    append(to, most, [&](char* place) {
        got = uninterrupted([&] {
            return mappable_ ? ::pread(fd_, place, most, static_cast<off_t>(position_.load()))
                             : ::read(fd_, place, most);
        });
        error = errno;
        return static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    });
    if (got < 0) throw fatal_error("cannot read " + name_ + ": " + std::strerror(error));
    return got > 0;
}

bool byte_reader::read_into(std::string& to, std::size_t most) {
    window_.reset();
    const std::size_t before = to.size();
    const bool more = read_behind(to, mappable_ ? most : most_read);
    position_ += to.size() - before;
    return more;
}

void byte_reader::consume(std::size_t bytes) {
    pending_.remove_prefix(bytes);
    position_ += bytes;
}

void byte_reader::check_not_cut() const {
    if (window_ && window_->was_cut())
        throw fatal_error(name_ + " was cut short while it was read, near byte " + std::to_string(position_) +
                          "; what came before it was used");
}

}  // namespace cpg

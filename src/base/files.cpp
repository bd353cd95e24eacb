// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace cpg {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* doing, const fs::path& path, int error) {
    throw file_error(std::string(doing) + " " + path.string() + ": " + std::strerror(error));
}

class descriptor {
  public:
    explicit descriptor(int fd) : fd_(fd) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

// The new file until it has its final name; an unfinished one is removed.
class temporary_file {
  public:
    explicit temporary_file(const fs::path& target) : pattern_((target.parent_path() / ".cpg-XXXXXX").string()) {
        fd_ = ::mkostemp(pattern_.data(), O_CLOEXEC);
        if (fd_ < 0) fail("creating a temporary file for", target, errno);
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() {
        if (fd_ >= 0) ::close(fd_);
        if (!renamed_) ::unlink(pattern_.c_str());
    }

    void fill(const fs::path& target, std::string_view bytes, mode_t mode, durability wanted) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("writing", target, errno);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        if (::fchmod(fd_, mode) != 0) fail("writing", target, errno);
        if (wanted == durability::durable && ::fsync(fd_) != 0) fail("writing", target, errno);
        if (::close(std::exchange(fd_, -1)) != 0) fail("writing", target, errno);
    }

    void rename_to(const fs::path& target) {
        if (::rename(pattern_.c_str(), target.c_str()) != 0) fail("replacing", target, errno);
        renamed_ = true;
    }

  private:
    std::string pattern_;
    int fd_ = -1;
    bool renamed_ = false;
};

// The umask is the user's wish for new files; an existing file keeps the permissions that it has.
mode_t permissions_for(const fs::path& path, mode_t mode) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return status.st_mode & 07777;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return mode & ~mask;
}

// Makes the rename durable; a file system that can't sync a folder has nothing better to offer.
void sync_folder(const fs::path& folder) {
    const descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0) ::fsync(fd.get());
}

void read_up_to(const descriptor& fd, const fs::path& path, std::size_t most_bytes, std::string& bytes) {
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("reading", path, errno);
        if (got == 0) return;
        bytes.append(buffer, static_cast<std::size_t>(got));
        if (bytes.size() > most_bytes)
            throw file_error("reading " + path.string() + ": larger than " + std::to_string(most_bytes) + " bytes");
    }
}

}  // namespace

std::optional<std::string> read_file(const fs::path& path, std::size_t most_bytes) {
    // O_NONBLOCK: opening a FIFO put there by mistake must not hang.
    const descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0) {
        if (errno == ENOENT) return std::nullopt;
        fail("opening", path, errno);
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) fail("reading", path, errno);
    if (!S_ISREG(status.st_mode)) throw file_error("reading " + path.string() + ": not a regular file");
    std::string bytes;
    read_up_to(fd, path, most_bytes, bytes);
    return bytes;
}

void make_folders(const fs::path& path, mode_t mode) {
    if (path.empty() || fs::is_directory(path)) return;
    if (path.has_parent_path() && path.parent_path() != path) make_folders(path.parent_path(), mode);
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) fail("creating the folder", path, errno);
    if (!fs::is_directory(path)) fail("creating the folder", path, ENOTDIR);
}

void replace_file(const fs::path& path, std::string_view bytes, mode_t mode, mode_t folder_mode, durability wanted) {
    // The file behind a symbolic link is what a person edits: it is replaced, not the link.
    std::error_code ignored;
    const fs::path target = fs::is_symlink(path, ignored) ? fs::canonical(path) : path;
    make_folders(target.parent_path(), folder_mode);
    const mode_t permissions = permissions_for(target, mode);
    temporary_file fresh(target);
    fresh.fill(target, bytes, permissions, wanted);
    fresh.rename_to(target);
    if (wanted == durability::durable) sync_folder(target.parent_path());
}

}  // namespace cpg

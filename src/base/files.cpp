// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/descriptor.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

// Not fs::is_directory, which throws where a parent can't be searched.
bool is_folder(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void make_folder(const fs::path& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) == 0) {
        const fs::path parent = path.has_parent_path() ? path.parent_path() : ".";
        return sync_folder(descriptor(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), parent);
    }
    const int code = errno;
    if (is_folder(path)) return;
    throw_file_error("creating the folder", path, code == EEXIST ? ENOTDIR : code);
}

}  // namespace

void throw_file_error(const std::string& doing, const fs::path& path, int code) {
    throw file_error(doing + " " + path.string() + ": " + std::generic_category().message(code), code);
}

std::string read_open_file(const descriptor& file, const fs::path& path, std::size_t most_bytes) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw_file_error("reading", path, errno);
    if (!S_ISREG(status.st_mode)) throw file_error("reading " + path.string() + ": not a regular file");
    std::string bytes;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t got = uninterrupted([&] { return ::read(file.get(), buffer.data(), buffer.size()); });
        if (got < 0) throw_file_error("reading", path, errno);
        if (got == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(got));
        if (bytes.size() > most_bytes)
            throw file_error("reading " + path.string() + ": larger than " + std::to_string(most_bytes) + " bytes",
                             EFBIG);
    }
}

fs::path absolute_path(const fs::path& path) {
    if (path.is_absolute()) return path;
    std::error_code error;
    fs::path out = fs::absolute(path, error);
    if (error) throw_file_error("finding the current folder for", path, error.value());
    return out;
}

std::optional<std::string> read_file(const fs::path& path, std::size_t most_bytes) {
    const descriptor file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
    if (file) return read_open_file(file, path, most_bytes);
    if (errno == ENOENT) return std::nullopt;
    throw_file_error("opening", path, errno);
}

void make_folders(const fs::path& path, mode_t mode) {
    if (path.empty() || is_folder(path)) return;
    if (path.has_parent_path() && path.parent_path() != path) make_folders(path.parent_path(), mode);
    make_folder(path, mode);
}

void sync_folder(const descriptor& folder, const fs::path& path) {
    if (!folder || uninterrupted([&] { return ::fsync(folder.get()); }) == 0) return;
    if (errno == EIO || errno == ENOSPC || errno == EDQUOT) throw_file_error("writing the folder", path, errno);
}

}  // namespace cpg

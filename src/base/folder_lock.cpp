// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "base/files.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto try_interval = 50ms;

std::vector<fs::path> missing_folders(fs::path folder) {
    std::vector<fs::path> out;
    std::error_code ignored;
    for (; !folder.empty() && !fs::exists(folder, ignored); folder = folder.parent_path())
        out.push_back(folder);
    return out;
}

// A folder that was removed and made anew in the meantime is another folder.
bool is_still_at(int fd, const fs::path& path) {
    struct stat mine {};
    struct stat there {};
    return ::fstat(fd, &mine) == 0 && ::stat(path.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
           mine.st_dev == there.st_dev;
}

// A line of /proc/locks: `1: FLOCK  ADVISORY  WRITE 4711 08:01:393229 0 EOF` (proc_locks(5)). The inode alone is
// compared: the device there is not always the one that stat() gives.
std::string holder_of(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return "another process";
    const std::string wanted = ":" + std::to_string(status.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words(line);
        std::string number, kind, mode, access, pid, file;
        words >> number >> kind >> mode >> access >> pid >> file;
        if (kind == "FLOCK" && file.ends_with(wanted) && pid != "0" && pid != "-1") return "process " + pid;
    }
    return "another process";
}

}  // namespace

folder_lock::folder_lock(fs::path folder, mode_t mode, std::chrono::milliseconds patience,
                         const std::function<void(const std::string& holder)>& on_wait)
    : folder_(absolute_path(folder)), made_(missing_folders(folder_)) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (bool said = false;; std::this_thread::sleep_for(try_interval)) {
        make_folders(folder_, mode);
        result_ = try_lock();
        if (result_ != outcome::busy || std::chrono::steady_clock::now() >= give_up) return;
        if (!std::exchange(said, true)) on_wait(holder_);
    }
}

folder_lock::~folder_lock() {
    // Before the lock goes, so that nobody gets a lock on a folder that is about to vanish without noticing.
    if (result_ == outcome::locked)
        for (const fs::path& each : made_)
            if (::rmdir(each.c_str()) != 0) break;
    if (fd_ >= 0) ::close(fd_);
}

folder_lock::outcome folder_lock::try_lock() {
    const int fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? outcome::busy : outcome::unsupported;
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0 && is_still_at(fd, folder_)) {
        fd_ = fd;
        return outcome::locked;
    }
    const bool busy = errno == EWOULDBLOCK || errno == EINTR || !is_still_at(fd, folder_);
    if (busy) holder_ = holder_of(fd);
    ::close(fd);
    return busy ? outcome::busy : outcome::unsupported;
}

}  // namespace cpg

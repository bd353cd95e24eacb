// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Keeps a second process out of a folder: an advisory lock (flock) on the folder itself, so that no lock file ever
// lies in it. The system lets go of it when the process ends, however it ends. Blocking; one thread.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cpg {

class folder_lock {
  public:
    enum class outcome {
        locked,
        busy,         ///< another process had it all the time
        unsupported,  ///< the file system has no such locks, or the folder can't be read
    };

    /// Makes the folder where it is missing, with `mode`, and tries for `patience`. `on_wait` is called once, with who
    /// has the lock, before a wait. Throws file_error when the folder can't be made.
    folder_lock(std::filesystem::path folder, mode_t mode, std::chrono::milliseconds patience,
                const std::function<void(const std::string& holder)>& on_wait);
    folder_lock(const folder_lock&) = delete;
    folder_lock& operator=(const folder_lock&) = delete;
    /// Lets go, and removes the folders that it made and that are still empty.
    ~folder_lock();

    outcome result() const { return result_; }
    /// `process 1234`, or `another process` where the system does not tell; with `busy`.
    const std::string& holder() const { return holder_; }

  private:
    outcome try_lock();

    const std::filesystem::path folder_;
    std::vector<std::filesystem::path> made_;  ///< innermost first
    int fd_ = -1;
    outcome result_ = outcome::busy;
    std::string holder_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which calls of the program under test fail, are cut short, or are its last, and a log of all of them. Steered by the
// environment; README.md describes the variables and the log. Any thread; one watched call at a time.

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace cpg::faults {

enum class kind {
    open,
    read,
    write,
    close,
    sync,
    rename,
    unlink,
    mkdir,
    stat,
    list,
    truncate,
    link,
    chmod,
    lock,
    resolve
};

enum class action { none, fail, cut_short, kill_before, kill_after, ignore, slow };

/// The absolute path that a call means; that of the descriptor itself where `path` is null or empty.
std::string path_of(int folder, const char* path);

/// One call of the program. It counts, and is logged, where one of its paths lies below a watched folder and it is not
/// a call of the shim itself.
class call {
  public:
    call(kind what, std::string path, std::vector<std::string> entries = {});
    ~call();
    call(const call&) = delete;
    call& operator=(const call&) = delete;

    /// Does it, or fails in its place.
    template <class Operation, class Result>
    Result run(Operation&& operation, Result failure) {
        if (!watched_) return operation();
        if (action_ == action::fail && what_ != kind::close) return note(failure, failure, error_);
        if (action_ == action::ignore) return note(Result{}, failure, 0);
        if (action_ == action::slow) ::usleep(10'000);
        const Result result = operation();
        const int error = errno;
        // A close that fails has closed the descriptor all the same.
        if (action_ == action::fail) return note(failure, failure, error_);
        return note(result, failure, error);
    }

    /// The name of the file that an open() has made, where it was not known before.
    void made(std::string path) {
        path_ = std::move(path);
        entries_ = {path_};
        is_new_ = true;
    }

    /// How many of these bytes are to be written.
    std::size_t length(std::size_t wanted) const {
        return action_ == action::cut_short && wanted > 1 ? wanted / 2 : wanted;
    }

  private:
    template <class Result>
    Result note(Result result, Result failure, int error) {
        finish(result != failure, error);
        return result;
    }

    void count();
    void finish(bool succeeded, int error);
    void log_changes() const;

    const kind what_;
    std::string path_;
    std::vector<std::string> entries_;  ///< names that the call makes or removes
    bool watched_ = false;
    bool is_new_ = false;  ///< what succeeds makes a file or a folder
    action action_ = action::none;
    int error_ = 0;
    int errno_after_;
};

}  // namespace cpg::faults

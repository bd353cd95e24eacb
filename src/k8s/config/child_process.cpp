// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace cpg::k8s {

namespace {

void check(int result, const char* what) {
    if (result != 0) throw std::system_error(result, std::generic_category(), what);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

class spawn_actions {
  public:
    explicit spawn_actions(int output, bool inherit_stdin) {
        ::posix_spawn_file_actions_init(&files_);
        ::posix_spawnattr_init(&attributes_);
        if (!inherit_stdin) ::posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&files_, output, 1);
        // The child must not start with our blocked or ignored signals.
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        // One that talks to the terminal has to stay in the terminal's foreground group.
        const int group = inherit_stdin ? 0 : POSIX_SPAWN_SETPGROUP;
        ::posix_spawnattr_setflags(&attributes_,
                                   static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
    }
    spawn_actions(const spawn_actions&) = delete;
    spawn_actions& operator=(const spawn_actions&) = delete;
    ~spawn_actions() {
        ::posix_spawn_file_actions_destroy(&files_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    pid_t spawn(const child_request& request) const {
        std::vector<std::string> args = request.args;
        args.insert(args.begin(), request.command);
        std::vector<std::string> env = request.env;
        pid_t pid = -1;
        check(::posix_spawnp(&pid, request.command.c_str(), &files_, &attributes_, pointers(args).data(),
                             pointers(env).data()),
              "posix_spawn");
        return pid;
    }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

class child {
  public:
    child(pid_t pid, bool own_group) : pid_(pid), own_group_(own_group) {}
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child() {
        if (pid_ < 0) return;
        kill();
        reap();
    }

    pid_t pid() const { return pid_; }
    void kill() const {
        if (pid_ > 0) ::kill(own_group_ ? -pid_ : pid_, SIGKILL);
    }
    int reap() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t pid_;
    bool own_group_;
};

asio::awaitable<void> read_output(asio::posix::stream_descriptor& pipe, const child_request& request,
                                  child_result& result) {
    std::array<char, 16384> buffer{};
    for (;;) {
        asio::error_code error;
        const std::size_t count =
            co_await pipe.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        result.output.append(buffer.data(), count);
        result.too_much = result.output.size() > request.most_output;
        if (result.too_much) co_return;
    }
}

bool has_ended(pid_t pid) {
    siginfo_t info{};
    // A child that has not ended leaves the number 0; one that has is left for the reaping.
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

// Kernels before 5.3 have no pidfd_open, and some sandboxes refuse it: then the child is looked at again and again.
asio::awaitable<void> until_ended(pid_t pid) {
    constexpr std::chrono::milliseconds pause(10);
    const auto executor = co_await asio::this_coro::executor;
    const int event = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // close-on-exec by itself
    if (event >= 0) {
        asio::posix::stream_descriptor ended(executor, event);
        co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
        co_return;
    }
    if (errno != ENOSYS && errno != EPERM) check(errno, "pidfd_open");
    asio::steady_timer timer(executor);
    while (!has_ended(pid)) {
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace

asio::awaitable<child_result> run_child(child_request request) {
    const auto executor = co_await asio::this_coro::executor;
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) check(errno, "pipe2");
    asio::posix::stream_descriptor pipe(executor, ends[0]);
    std::exception_ptr failed;
    pid_t pid = -1;
    try {
        pid = spawn_actions(ends[1], request.inherit_stdin).spawn(request);
    } catch (...) {
        failed = std::current_exception();
    }
    ::close(ends[1]);
    if (failed) std::rethrow_exception(failed);

    child process(pid, !request.inherit_stdin);
    child_result result;
    {
        // A grandchild may keep the pipe open after the child is gone, so the pipe is closed too.
        const deadline limit(executor, request.until, [&] {
            process.kill();
            pipe.close();
        });
        co_await read_output(pipe, request, result);
        if (result.too_much) process.kill();
        co_await until_ended(pid);
        result.timed_out = limit.passed();
    }
    result.exit_code = process.reap();
    co_return result;
}

}  // namespace cpg::k8s

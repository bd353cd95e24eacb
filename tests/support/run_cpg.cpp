// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/run_cpg.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "support/patience.hpp"

namespace cpg::test {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto poll_interval = 5ms;

// Everything between fork and exec is safe in a child of a process with threads.
[[noreturn]] void become_cpg(const run_settings& settings, const std::string& program, std::vector<char*>& argv,
                             std::vector<char*>& environment, const std::array<int, 3>& streams) {
    for (int i = 0; i < 3; ++i)
        ::dup2(streams[static_cast<std::size_t>(i)], i);
    for (const auto& [stream, other] : settings.streams)
        if (other < 0)
            ::close(stream);
        else
            ::dup2(other, stream);
    if (!settings.dir.empty() && ::chdir(settings.dir.c_str()) != 0) ::_exit(126);
    if (settings.most_file_bytes) {
        const rlimit limit{*settings.most_file_bytes, *settings.most_file_bytes};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    // Of a runner under nohup, say, a child would inherit that it is ignored.
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE})
        ::signal(number, SIG_DFL);
    ::execve(program.c_str(), argv.data(), environment.data());
    ::_exit(127);
}

std::vector<std::string> environment_of(const run_settings& settings) {
    std::vector<std::string> out;
    for (char** each = ::environ; *each; ++each) {
        const std::string name = std::string(*each).substr(0, std::string_view(*each).find('='));
        if (!settings.environment.contains(name)) out.emplace_back(*each);
    }
    for (const auto& [name, value] : settings.environment)
        out.push_back(name + "=" + value);
    return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& each : texts)
        out.push_back(each.data());
    out.push_back(nullptr);
    return out;
}

int open_output(const std::filesystem::path& path) {
    return ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
}

}  // namespace

std::filesystem::path cpg_binary() {
    const char* const path = std::getenv("CPG");
    if (!path) throw std::runtime_error("CPG must name the binary under test");
    return path;
}

running_cpg::running_cpg(const std::vector<std::string>& words, const run_settings& settings)
    : deadline_(clock::now() + patient(settings.patience)) {
    const std::string program = settings.program.empty() ? cpg_binary().string() : settings.program;
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.begin(), program);
    std::vector<std::string> environment = environment_of(settings);
    std::vector<char*> argv = pointers_to(arguments);
    std::vector<char*> envp = pointers_to(environment);
    write_text(files_ / "in", settings.input);
    std::array<int, 2> pipe{-1, -1};
    if (settings.pipe_input && ::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    const int in = settings.pipe_input ? pipe[0] : ::open((files_ / "in").c_str(), O_RDONLY | O_CLOEXEC);
    const std::array<int, 3> streams = {in, open_output(files_ / "out"), open_output(files_ / "err")};
    pid_ = ::fork();
    if (pid_ == 0) become_cpg(settings, program, argv, envp, streams);
    for (const int fd : streams)
        ::close(fd);
    input_ = pipe[1];
    if (pid_ < 0) throw std::runtime_error("fork failed");
}

running_cpg::~running_cpg() {
    close_input();
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void running_cpg::write_input(std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(input_, text.data(), text.size());
        if (put < 0) throw std::runtime_error("writing to cpg's standard input failed");
        text.remove_prefix(static_cast<std::size_t>(put));
    }
}

void running_cpg::close_input() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
}

void running_cpg::send(int signal) const {
    ::kill(pid_, signal);
}

std::string running_cpg::err() const {
    return read_text(files_ / "err");
}

bool running_cpg::wait_for(std::string_view text) const {
    for (; clock::now() < deadline_; std::this_thread::sleep_for(poll_interval))
        if (err().find(text) != std::string::npos) return true;
    return false;
}

run_result running_cpg::wait() {
    run_result out;
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
        if (clock::now() < deadline_) {
            std::this_thread::sleep_for(poll_interval);
            continue;
        }
        out.timed_out = true;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, &status, 0);
        break;
    }
    pid_ = -1;
    if (WIFEXITED(status)) out.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
    out.out = read_text(files_ / "out");
    out.err = read_text(files_ / "err");
    return out;
}

run_result run_cpg(const std::vector<std::string>& words, const run_settings& settings) {
    return running_cpg(words, settings).wait();
}

}  // namespace cpg::test

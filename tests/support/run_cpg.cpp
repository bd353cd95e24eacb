// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/run_cpg.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "support/patience.hpp"

namespace cpg::test {

namespace {

using clock = std::chrono::steady_clock;

}  // namespace

std::filesystem::path cpg_binary() {
    const char* const path = std::getenv("CPG");
    if (!path) throw std::runtime_error("CPG must name the binary under test");
    return path;
}

running_cpg::running_cpg(const std::vector<std::string>& words, const run_settings& settings)
    : deadline_(clock::now() + patient(settings.patience)) {
    write_text(files_ / "in", settings.input);
    program_settings child{.words = {settings.program.empty() ? cpg_binary().string() : settings.program},
                           .environment = environment_with(settings.environment),
                           .folder = settings.dir,
                           .in = files_ / "in",
                           .out = files_ / "out",
                           .err = files_ / "err",
                           .streams = settings.streams,
                           .most_file_bytes = settings.most_file_bytes};
    child.words.insert(child.words.end(), words.begin(), words.end());
    int pipe[2] = {-1, -1};
    if (settings.pipe_input && ::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    if (settings.pipe_input) child.streams[0] = pipe[0];
    input_ = pipe[1];
    child_.emplace(std::move(child));
    if (settings.pipe_input) ::close(pipe[0]);
}

running_cpg::~running_cpg() {
    close_input();
}

void running_cpg::write_input(std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(input_, text.data(), text.size());
        if (put < 0) throw std::runtime_error("writing to cpg's standard input failed");
        text.remove_prefix(static_cast<std::size_t>(put));
    }
}

bool running_cpg::has_read_input() const {
    int left = 0;
    return ::ioctl(input_, FIONREAD, &left) == 0 && left == 0;
}

void running_cpg::close_input() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
}

void running_cpg::send(int signal) const {
    child_->signal(signal);
}

std::string running_cpg::err() const {
    return child_->err();
}

bool running_cpg::wait_for(std::string_view text) const {
    return eventually([&] { return child_->said(std::string(text)); }, time_left());
}

bool running_cpg::has_ended() {
    return !child_->is_running();
}

run_result running_cpg::wait() {
    run_result out;
    const std::optional<int> code = child_->wait(time_left());
    out.timed_out = !code;
    if (out.timed_out) {
        child_->signal(SIGKILL);
        child_->wait(std::chrono::seconds(10));
    }
    out.signal = child_->ending_signal();
    if (code && out.signal == 0) out.exit_code = *code;
    out.out = child_->out();
    out.err = child_->err();
    return out;
}

// As who waits takes it: patience is in it already.
milliseconds running_cpg::time_left() const {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - clock::now());
    return std::max(left, milliseconds(0)) / slowness();
}

run_result run_cpg(const std::vector<std::string>& words, const run_settings& settings) {
    return running_cpg(words, settings).wait();
}

}  // namespace cpg::test

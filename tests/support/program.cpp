// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <stdexcept>
#include <thread>
#include <utility>

#include "support/patience.hpp"
#include "support/temp_dir.hpp"

namespace cpg::test {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

void redirect(posix_spawn_file_actions_t& actions, int to, int descriptor, const std::filesystem::path& file) {
    if (descriptor >= 0)
        ::posix_spawn_file_actions_adddup2(&actions, descriptor, to);
    else
        ::posix_spawn_file_actions_addopen(&actions, to, file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
}

// A test runner may have blocked or ignored signals, and a child inherits both.
void take_signals_as_usual(posix_spawnattr_t& attributes) {
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGQUIT})
        sigaddset(&usual, number);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &usual);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

program::program(program_settings settings) : settings_(std::move(settings)) {
    std::vector<std::string> environment;
    for (const auto& [name, value] : settings_.environment)
        environment.push_back(name + "=" + value);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    redirect(actions, 1, settings_.out_descriptor, settings_.out);
    redirect(actions, 2, settings_.err_descriptor, settings_.err);
    ::posix_spawn_file_actions_addchdir_np(&actions, settings_.folder.c_str());
    take_signals_as_usual(attributes);
    const int failed = ::posix_spawnp(&id_, settings_.words[0].c_str(), &actions, &attributes,
                                      pointers_to(settings_.words).data(), pointers_to(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error(settings_.words[0] + " can't be started");
}

program::~program() {
    if (ended_) return;
    signal(SIGKILL);
    ::waitpid(id_, nullptr, 0);
}

void program::signal(int number) const {
    if (!ended_) ::kill(id_, number);
}

std::optional<int> program::wait(milliseconds limit) {
    const auto until = steady_clock::now() + patient(limit);
    for (;;) {
        if (ended_) return ended_;
        int status = 0;
        if (::waitpid(id_, &status, WNOHANG) == id_)
            ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else if (steady_clock::now() >= until)
            return std::nullopt;
        else
            std::this_thread::sleep_for(1ms);
    }
}

int program::exit_code(milliseconds limit) {
    if (const auto code = wait(limit)) return *code;
    signal(SIGKILL);
    wait(10s);
    throw std::runtime_error(settings_.words[0] + " did not end in time; it said: " + err());
}

std::string program::out() const {
    return read_text(settings_.out);
}

std::string program::err() const {
    return read_text(settings_.err);
}

bool eventually(const std::function<bool()>& holds, milliseconds limit) {
    const auto until = steady_clock::now() + patient(limit);
    while (!holds()) {
        if (steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

}  // namespace cpg::test

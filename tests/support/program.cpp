// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/program.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
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

std::vector<std::string> lines_of(const std::map<std::string, std::string>& environment) {
    std::vector<std::string> out;
    for (const auto& [name, value] : environment)
        out.push_back(name + "=" + value);
    return out;
}

// Looked up before the fork, as a shell would.
std::string file_of(const std::string& word, const std::map<std::string, std::string>& environment) {
    if (word.find('/') != std::string::npos) return word;
    const auto given = environment.find("PATH");
    const char* const own = std::getenv("PATH");
    std::istringstream folders(given != environment.end() ? given->second : own ? own : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access((folder + "/" + word).c_str(), X_OK) == 0) return folder + "/" + word;
    return word;
}

// From here to exec everything is safe in a child of a process with threads.
void redirect(int to, const char* file, int flags) {
    const int opened = ::open(file, flags | O_CLOEXEC, 0600);
    if (opened < 0 || ::dup2(opened, to) < 0) ::_exit(126);
}

void redirect(const program_settings& settings) {
    redirect(0, settings.in.c_str(), O_RDONLY);
    for (const auto& [to, file] : {std::pair(1, &settings.out), {2, &settings.err}})
        if (!file->empty()) redirect(to, file->c_str(), O_WRONLY | O_CREAT | O_APPEND);
    for (const auto& [to, other] : settings.streams)
        if (other < 0)
            ::close(to);
        else if (::dup2(other, to) < 0)
            ::_exit(126);
}

// Of a runner that blocks or ignores signals, as under nohup, a child would inherit that.
void take_signals_as_usual() {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGQUIT})
        ::signal(number, SIG_DFL);
}

[[noreturn]] void become(const program_settings& settings, const char* file, char* const* words,
                         char* const* environment) {
    redirect(settings);
    if (!settings.folder.empty() && ::chdir(settings.folder.c_str()) != 0) ::_exit(126);
    if (settings.most_file_bytes) {
        const rlimit limit{*settings.most_file_bytes, *settings.most_file_bytes};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    take_signals_as_usual();
    ::execve(file, words, environment);
    ::_exit(127);
}

}  // namespace

std::map<std::string, std::string> environment_with(std::map<std::string, std::string> changes) {
    for (char** each = ::environ; *each; ++each) {
        const std::string_view line = *each;
        const std::size_t equals = line.find('=');
        changes.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return changes;
}

program::program(program_settings settings) : settings_(std::move(settings)) {
    std::vector<std::string> environment = lines_of(settings_.environment);
    const std::string file = file_of(settings_.words[0], settings_.environment);
    const std::vector<char*> words = pointers_to(settings_.words);
    const std::vector<char*> lines = pointers_to(environment);
    if (::access(file.c_str(), X_OK) != 0) throw std::runtime_error(settings_.words[0] + " can't be started");
    id_ = ::fork();
    if (id_ == 0) become(settings_, file.c_str(), words.data(), lines.data());
    if (id_ < 0) throw std::runtime_error("fork failed");
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
            note_end(status);
        else if (steady_clock::now() >= until)
            return std::nullopt;
        else
            std::this_thread::sleep_for(1ms);
    }
}

void program::note_end(int status) {
    signal_ = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    ended_ = signal_ == 0 ? WEXITSTATUS(status) : 128 + signal_;
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

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "steering.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <string_view>
#include <utility>

namespace cpg::faults {

namespace {

constexpr std::array<std::string_view, 15> kind_names = {"open",     "read",   "write", "close", "sync",
                                                         "rename",   "unlink", "mkdir", "stat",  "list",
                                                         "truncate", "link",   "chmod", "lock",  "resolve"};
constexpr std::size_t any = kind_names.size();

struct named_error {
    std::string_view name;
    int number;
};

constexpr std::array named_errors = {
    named_error{"ENOSPC", ENOSPC}, named_error{"EIO", EIO},       named_error{"EMFILE", EMFILE},
    named_error{"EINTR", EINTR},   named_error{"ESTALE", ESTALE}, named_error{"EACCES", EACCES},
    named_error{"EDQUOT", EDQUOT}, named_error{"EROFS", EROFS},   named_error{"ENOLCK", ENOLCK}};

/// What is to happen to the calls of a kind from number `first` to number `last`.
struct step {
    std::size_t what = any;
    unsigned long first = 0;
    unsigned long last = 0;
    action wanted = action::none;
    int error = 0;
};

struct plan {
    std::vector<std::string> folders;
    std::vector<step> steps;
    std::string contents;  ///< where the synced contents of files are kept
    int log = -1;
};

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        out.push_back(part);
    return out;
}

std::string variable(const char* name) {
    const char* const text = std::getenv(name);
    return text ? text : "";
}

// A plan that says nonsense would test nothing.
[[noreturn]] void give_up(const std::string& text) {
    const std::string line = "faults: can't read the plan: " + text + "\n";
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) std::abort();
    ::_exit(99);
}

std::size_t kind_of(const std::string& name) {
    const auto found = std::ranges::find(kind_names, name);
    if (found == kind_names.end() && name != "any") give_up(name);
    return static_cast<std::size_t>(found - kind_names.begin());
}

void read_action(const std::string& name, step& to) {
    const auto error = std::ranges::find(named_errors, name, &named_error::name);
    if (error != named_errors.end()) {
        to.wanted = action::fail;
        to.error = error->number;
    } else if (name == "short") {
        to.wanted = action::cut_short;
    } else if (name == "kill-before") {
        to.wanted = action::kill_before;
    } else if (name == "kill-after") {
        to.wanted = action::kill_after;
    } else if (name == "ignore") {
        to.wanted = action::ignore;
    } else if (name == "slow") {
        to.wanted = action::slow;
    } else {
        give_up(name);
    }
}

step step_of(const std::string& text) {
    const std::vector<std::string> parts = split(text, ':');
    if (parts.size() != 4) give_up(text);
    step out;
    out.what = kind_of(parts[0]);
    out.first = std::strtoul(parts[1].c_str(), nullptr, 10);
    out.last = parts[2] == "end" ? ULONG_MAX : std::strtoul(parts[2].c_str(), nullptr, 10);
    read_action(parts[3], out);
    return out;
}

// Out of the way of the program's own descriptors, whose numbers would change otherwise.
int open_log(const std::string& path) {
    if (path.empty()) return -1;
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const int far = ::fcntl(fd, F_DUPFD_CLOEXEC, 200);
    if (far < 0) give_up(path);
    ::close(fd);
    return far;
}

thread_local bool inside = false;

// Calls that the shim makes itself.
class own_calls {
  public:
    own_calls() : before_(std::exchange(inside, true)) {}
    ~own_calls() { inside = before_; }
    own_calls(const own_calls&) = delete;
    own_calls& operator=(const own_calls&) = delete;

  private:
    bool before_;
};

const plan& the_plan() {
    // Never freed: files are closed while the program ends, too.
    static const plan* const read = [] {
        const own_calls own;
        auto* const out = new plan;
        out->folders = split(variable("CPG_FAULTS_BELOW"), ':');
        for (const std::string& each : split(variable("CPG_FAULTS_PLAN"), ';'))
            out->steps.push_back(step_of(each));
        const std::string log = variable("CPG_FAULTS_LOG");
        out->log = open_log(log);
        if (!log.empty()) out->contents = log + ".synced";
        return out;
    }();
    return *read;
}

std::recursive_mutex& the_lock() {
    static auto* const lock = new std::recursive_mutex;
    return *lock;
}

std::array<unsigned long, any + 1> counts{};

bool is_watched(const std::string& path) {
    return std::ranges::any_of(the_plan().folders, [&](const std::string& folder) {
        return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
    });
}

void log_line(const std::string& line) {
    const std::string whole = line + "\n";
    if (the_plan().log >= 0 && ::write(the_plan().log, whole.data(), whole.size()) < 0) ::_exit(99);
}

[[noreturn]] void end_here() {
    ::kill(::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

// The entry as it is now; the inode 0 stands for none.
void log_entry(const std::string& path) {
    struct stat now {};
    const bool exists = ::lstat(path.c_str(), &now) == 0;
    const char* const type = !exists                ? "none"
                             : S_ISDIR(now.st_mode) ? "folder"
                             : S_ISLNK(now.st_mode) ? "link"
                                                    : "file";
    log_line("entry\t" + path + "\t" + std::to_string(exists ? now.st_ino : 0) + "\t" + type);
}

ino_t inode_of(const std::string& path) {
    struct stat now {};
    return ::stat(path.c_str(), &now) == 0 ? now.st_ino : 0;
}

void copy_file(const std::string& from, const std::string& to) {
    const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
    const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char buffer[16384];
    for (ssize_t got = 0; (got = ::read(in, buffer, sizeof buffer)) > 0;)
        if (::write(out, buffer, static_cast<std::size_t>(got)) != got) ::_exit(99);
    ::close(in);
    ::close(out);
}

void log_synced(const std::string& path) {
    struct stat now {};
    if (the_plan().log < 0 || ::stat(path.c_str(), &now) != 0) return;
    if (S_ISDIR(now.st_mode)) return log_line("synced-folder\t" + path + "\t" + std::to_string(now.st_ino));
    const std::string name = std::to_string(counts[any]);
    copy_file(path, the_plan().contents + "/" + name);
    log_line("synced\t" + path + "\t" + std::to_string(now.st_ino) + "\t" + name);
}

std::string link_text(const std::string& link) {
    std::array<char, PATH_MAX> text{};
    const ssize_t length = ::readlink(link.c_str(), text.data(), text.size());
    return length <= 0 ? "" : std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace

std::string path_of(int folder, const char* path) {
    if (inside) return {};
    const int before = errno;
    const own_calls own;
    std::string out = path ? path : "";
    if (!out.starts_with('/')) {
        const std::string start =
            link_text(folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(folder));
        out = out.empty() ? start : start + "/" + out;
    }
    errno = before;
    return out;
}

call::call(kind what, std::string path, std::vector<std::string> entries)
    : what_(what), path_(std::move(path)), entries_(std::move(entries)), errno_after_(errno) {
    if (inside) return;
    watched_ = is_watched(path_) || std::ranges::any_of(entries_, is_watched);
    if (!watched_) return;
    the_lock().lock();
    const own_calls own;
    count();
    is_new_ = (what_ == kind::open || what_ == kind::mkdir) && !entries_.empty() && inode_of(path_) == 0;
    if (action_ == action::kill_before) {
        log_line("killed\t" + std::string(kind_names[static_cast<std::size_t>(what_)]) + "\t" + path_);
        end_here();
    }
    errno = errno_after_;
}

void call::count() {
    const auto number = static_cast<std::size_t>(what_);
    const unsigned long of_kind = ++counts[number];
    const unsigned long of_any = ++counts[any];
    for (const step& each : the_plan().steps) {
        const unsigned long at = each.what == any ? of_any : of_kind;
        if ((each.what != any && each.what != number) || at < each.first || at > each.last) continue;
        action_ = each.wanted;
        error_ = each.error;
    }
}

void call::finish(bool succeeded, int error) {
    const own_calls own;
    const std::string name(kind_names[static_cast<std::size_t>(what_)]);
    log_line("call\t" + name + "\t" + path_ + "\t" + (succeeded ? "0" : std::to_string(error)) +
             (action_ == action::none ? "" : "\tplanned"));
    if (succeeded) log_changes();
    if (action_ == action::kill_after) {
        log_line("killed\tafter " + name + "\t" + path_);
        end_here();
    }
    errno_after_ = error;
}

void call::log_changes() const {
    if (is_new_) log_line("new\t" + path_ + "\t" + std::to_string(inode_of(path_)));
    for (const std::string& each : entries_)
        log_entry(each);
    if (what_ == kind::write || what_ == kind::truncate)
        log_line("dirty\t" + path_ + "\t" + std::to_string(inode_of(path_)));
    if (what_ == kind::sync && action_ != action::ignore) log_synced(path_);
}

call::~call() {
    if (!watched_) return;
    the_lock().unlock();
    errno = errno_after_;
}

}  // namespace cpg::faults

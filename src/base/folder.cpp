// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <random>
#include <utility>

namespace cpg {

namespace {

namespace fs = std::filesystem;

// No dot in front and no ending that people give to git or to kubectl: what is left of a killed run is seen, and never
// committed or applied for a policy.
constexpr std::string_view unfinished_prefix = "cpg-unfinished-";
constexpr std::size_t unfinished_digits = 8;

std::string unfinished_name() {
    std::array<char, unfinished_digits + 1> digits{};
    std::snprintf(digits.data(), digits.size(), "%08x", std::random_device()());
    return std::string(unfinished_prefix) + digits.data();
}

bool is_unfinished_name(std::string_view name) {
    return name.size() == unfinished_prefix.size() + unfinished_digits && name.starts_with(unfinished_prefix) &&
           name.find_first_not_of("0123456789abcdef", unfinished_prefix.size()) == std::string_view::npos;
}

std::vector<std::string> sorted_names(const descriptor& folder, const fs::path& shown) {
    const int opened = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) throw_file_error("reading the folder", shown, errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(opened), ::closedir);
    if (!entries) throw_file_error("reading the folder", shown, errno);
    std::vector<std::string> out;
    errno = 0;
    while (const dirent* const entry = ::readdir(entries.get()))
        if (const std::string_view name = entry->d_name; name != "." && name != "..") out.emplace_back(name);
    if (errno != 0) throw_file_error("reading the folder", shown, errno);
    std::ranges::sort(out);
    return out;
}

bool is_regular(const descriptor& in, const std::string& name) {
    struct stat status {};
    return ::fstatat(in.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

// The new file until it has its final name; an unfinished one is removed.
class folder::unfinished_file {
  public:
    unfinished_file(const descriptor& in, const std::string& final_name, const fs::path& shown, std::string name = {})
        : in_(in), final_name_(final_name), shown_(shown), name_(std::move(name)) {}
    unfinished_file(const unfinished_file&) = delete;
    unfinished_file& operator=(const unfinished_file&) = delete;
    ~unfinished_file() {
        if (!name_.empty()) ::unlinkat(in_.get(), name_.c_str(), 0);
    }

    // The umask is the user's wish for new files; only the system can apply it while other threads make files.
    void create(mode_t mode) {
        struct stat old {};
        const bool is_new = ::fstatat(in_.get(), final_name_.c_str(), &old, AT_SYMLINK_NOFOLLOW) != 0;
        if (is_new && errno != ENOENT) throw_file_error("looking at", shown_, errno);
        const std::string name = unfinished_name();
        constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        file_ =
            descriptor(uninterrupted([&] { return ::openat(in_.get(), name.c_str(), flags, is_new ? mode : 0600); }));
        if (!file_) throw_file_error("creating a temporary file for", shown_, errno);
        name_ = name;
        if (!is_new) take_over(old);
    }

    void fill(std::string_view bytes, durability wanted) {
        while (!bytes.empty()) {
            const ssize_t written = uninterrupted([&] { return ::write(file_.get(), bytes.data(), bytes.size()); });
            check(written >= 0);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        check(wanted != durability::durable || uninterrupted([&] { return ::fsync(file_.get()); }) == 0);
        check(::close(file_.release()) == 0 || errno == EINTR);
    }

    // From now on somebody else sees to it.
    std::string release() { return std::exchange(name_, {}); }

    void put_in_place() {
        const int in = in_.get();
        if (uninterrupted([&] { return ::renameat(in, name_.c_str(), in, final_name_.c_str()); }) != 0)
            throw_file_error("replacing", shown_, errno);
        name_.clear();
    }

  private:
    void check(bool went_well) const {
        if (!went_well) throw_file_error("writing", shown_, errno);
    }

    // Not every user may give a file away; then it is the user's own, as with any editor that replaces files.
    void take_over(const struct stat& old) {
        mode_t kept = 07777;
        struct stat mine {};
        if (::fstat(file_.get(), &mine) == 0 && (mine.st_uid != old.st_uid || mine.st_gid != old.st_gid) &&
            ::fchown(file_.get(), old.st_uid, old.st_gid) != 0) {
            kept = 0777;
            [[maybe_unused]] const int group = ::fchown(file_.get(), static_cast<uid_t>(-1), old.st_gid);
        }
        check(::fchmod(file_.get(), old.st_mode & kept) == 0);
    }

    const descriptor& in_;
    const std::string& final_name_;
    const fs::path& shown_;
    std::string name_;
    descriptor file_;
};

folder::successor::successor(successor&& other) noexcept
    : in_(std::move(other.in_)),
      shown_(std::move(other.shown_)),
      final_name_(std::move(other.final_name_)),
      name_(std::exchange(other.name_, {})) {}

folder::successor::~successor() {
    if (!name_.empty()) ::unlinkat(in_->get(), name_.c_str(), 0);
}

void folder::successor::take_place() {
    unfinished_file(*in_, final_name_, shown_, std::exchange(name_, {})).put_in_place();
}

bool folder::open() const {
    if (root_.folder) return true;
    root_.folder = open_folder(AT_FDCWD, path().string(), 0);
    if (!root_.folder && errno == ENOENT) return false;
    if (!root_.folder) throw_file_error("opening", path(), errno);
    std::error_code unknown;
    root_.real_path = fs::canonical(path(), unknown);
    return true;
}

std::optional<folder_entry> folder::find(const fs::path& below) const {
    return open() ? find_beneath(root_, below, nullptr) : std::nullopt;
}

void folder::make() {
    if (!open()) make_folders(path(), modes_.folders);
    if (!open()) throw_file_error("opening", path(), ENOENT);
}

folder_entry folder::make_place(const fs::path& below) {
    make();
    return std::move(*find_beneath(root_, below, &modes_.folders));
}

std::optional<std::string> folder::read(const folder_entry& at, const fs::path& below, std::size_t most_bytes) const {
    // O_NONBLOCK: opening a FIFO put there by mistake must not hang.
    const descriptor file(uninterrupted(
        [&] { return ::openat(at.in.get(), at.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK); }));
    if (file) return read_open_file(file, shown(below), most_bytes);
    if (errno == ENOENT) return std::nullopt;
    throw_file_error("opening", shown(below), errno);
}

std::optional<std::string> folder::read(const fs::path& below, std::size_t most_bytes) const {
    const auto at = find(below);
    return at ? read(*at, below, most_bytes) : std::nullopt;
}

bool folder::has(const fs::path& below) const {
    const auto at = find(below);
    struct stat status {};
    if (!at) return false;
    if (::fstatat(at->in.get(), at->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (errno == ENOENT) return false;
    throw_file_error("looking at", shown(below), errno);
}

std::vector<std::string> folder::names_in(const fs::path& below) const {
    const auto at = find(below);
    if (!at) return {};
    const descriptor opened = open_folder(at->in.get(), at->name, O_NOFOLLOW);
    if (opened) return sorted_names(opened, shown(below));
    if (errno == ENOENT || errno == ENOTDIR) return {};
    throw_file_error("opening the folder", shown(below), errno);
}

// A person's edit between reading and writing is not written over. What is left between this look and the rename is
// shorter than any editor's own.
void folder::check_unchanged(const folder_entry& at, const fs::path& below, const std::string* known) const {
    try {
        const std::optional<std::string> now = read(at, below, known ? known->size() : 0);
        if (now.has_value() == (known != nullptr) && (!now || *now == *known)) return;
    } catch (const file_error& error) {
        if (error.code() != EFBIG) throw;
    }
    throw file_changed("writing " + shown(below).string() + ": somebody has changed it at the same time");
}

void folder::write(const fs::path& below, std::string_view bytes, durability wanted, const std::string* const* known) {
    const fs::path path = shown(below);
    const folder_entry at = make_place(below);
    unfinished_file fresh(at.in, at.name, path);
    fresh.create(modes_.files);
    fresh.fill(bytes, wanted);
    if (known) check_unchanged(at, below, *known);
    fresh.put_in_place();
    if (wanted == durability::durable) sync_folder(at.in, path.parent_path());
}

// Thousands of files must not hold a thousand folders open.
std::shared_ptr<const descriptor> folder::shared(descriptor in) {
    struct stat fresh {};
    struct stat known {};
    if (auto last = last_shared_.lock(); last && ::fstat(in.get(), &fresh) == 0 && ::fstat(last->get(), &known) == 0 &&
                                         fresh.st_ino == known.st_ino && fresh.st_dev == known.st_dev)
        return last;
    auto out = std::make_shared<const descriptor>(std::move(in));
    last_shared_ = out;
    return out;
}

folder::successor folder::prepare(const fs::path& below, std::string_view bytes) {
    folder_entry at = make_place(below);
    successor out;
    out.in_ = shared(std::move(at.in));
    out.shown_ = shown(below);
    out.final_name_ = std::move(at.name);
    unfinished_file fresh(*out.in_, out.final_name_, out.shown_);
    fresh.create(modes_.files);
    fresh.fill(bytes, durability::lost_in_a_crash);
    out.name_ = fresh.release();
    return out;
}

void folder::replace(const fs::path& below, std::string_view bytes, durability wanted) {
    write(below, bytes, wanted, nullptr);
}

void folder::replace_known(const fs::path& below, std::string_view bytes, const std::string* known) {
    write(below, bytes, durability::durable, &known);
}

void folder::remove(const fs::path& below) {
    const auto at = find(below);
    if (at && ::unlinkat(at->in.get(), at->name.c_str(), 0) != 0 && errno != ENOENT)
        throw_file_error("removing", shown(below), errno);
}

std::size_t folder::remove_unfinished_in(const descriptor& in) {
    std::size_t removed = 0;
    for (const std::string& name : sorted_names(in, path()))
        if (is_unfinished_name(name) && is_regular(in, name) && ::unlinkat(in.get(), name.c_str(), 0) == 0) ++removed;
    return removed;
}

std::size_t folder::remove_unfinished() {
    if (!open()) return 0;
    std::size_t removed = remove_unfinished_in(root_.folder);
    for (const std::string& name : sorted_names(root_.folder, path()))
        if (const descriptor below = open_folder(root_.folder.get(), name, O_NOFOLLOW))
            removed += remove_unfinished_in(below);
    return removed;
}

bool folder::is_in_place() const {
    struct stat mine {};
    struct stat there {};
    return !root_.folder || (::fstat(root_.folder.get(), &mine) == 0 && ::stat(path().c_str(), &there) == 0 &&
                             mine.st_ino == there.st_ino && mine.st_dev == there.st_dev);
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A folder that cpg writes to. It is opened once, and what lies below is named relative to that, link by link: whatever
// is put in the place of a path while cpg runs, nothing is read, written or removed outside the folder. Files are
// replaced atomically. Blocking; one thread at a time, but after make() several may replace files. Every error is a
// file_error that names the path.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/beneath.hpp"
#include "base/files.hpp"

namespace cpg {

/// Whether a file must outlast a power cut, at the cost of waiting for the disk twice.
enum class durability { durable, lost_in_a_crash };

/// Somebody else has changed the file since it was read.
class file_changed : public file_error {
  public:
    using file_error::file_error;
};

class folder {
  public:
    /// The permissions of what is made in it, less the umask.
    struct modes {
        mode_t folders = 0755;
        mode_t files = 0644;
    };

    /// A whole new file beside the one that it is to take the place of; closed, but its folder is open. One that did
    /// not take its place is removed.
    class successor {
      public:
        successor(successor&& other) noexcept;
        successor& operator=(successor&&) = delete;
        ~successor();

        void take_place();
        /// True where both hold the same folder open.
        bool shares_folder_with(const successor& other) const { return in_ == other.in_; }

      private:
        friend folder;
        successor() = default;

        std::shared_ptr<const descriptor> in_;
        std::filesystem::path shown_;
        std::string final_name_;
        std::string name_;  ///< empty: it is not there any more
    };

    /// Opens nothing yet. `path` itself may be a link, or lie behind one.
    explicit folder(std::filesystem::path path, modes modes = {.folders = 0755, .files = 0644})
        : root_{.folder = descriptor(), .path = std::move(path), .real_path = {}}, modes_(modes) {}

    const std::filesystem::path& path() const { return root_.path; }
    /// For messages.
    std::filesystem::path shown(const std::filesystem::path& below) const { return path() / below; }

    /// As read_file().
    std::optional<std::string> read(const std::filesystem::path& below, std::size_t most_bytes) const;
    bool has(const std::filesystem::path& below) const;
    /// The names in a folder below, sorted; none where there is no such folder.
    std::vector<std::string> names_in(const std::filesystem::path& below) const;

    /// Opens the folder itself where it is there. From then on reading below it is for any thread.
    bool open() const;
    /// Makes the folder itself where there is none, and opens it.
    void make();

    /// Writes a new file beside it, waits for the disk, and gives it this name; folders are made as needed. A file that
    /// was there keeps its permissions and, where the system lets us, its owner. On failure the old file is whole and
    /// nothing is left of the new one.
    void replace(const std::filesystem::path& below, std::string_view bytes, durability wanted = durability::durable);
    /// The first half of that, without waiting for the disk: many files are made before the first takes its place.
    /// Files of one folder that are prepared one after the other hold it open together.
    successor prepare(const std::filesystem::path& below, std::string_view bytes);
    /// Throws file_changed when there is by now something other than the bytes `known`, or than no file for null.
    void replace_known(const std::filesystem::path& below, std::string_view bytes, const std::string* known);
    /// It is no error when there is none.
    void remove(const std::filesystem::path& below);

    /// Removes what a run that was killed has left half written, here and one folder below. Only for who has the
    /// folder's lock. Returns how many there were.
    std::size_t remove_unfinished();

    /// False when path() no longer leads to the folder that was opened: it was removed, or another is in its place.
    bool is_in_place() const;

  private:
    class unfinished_file;

    std::optional<folder_entry> find(const std::filesystem::path& below) const;
    folder_entry make_place(const std::filesystem::path& below);
    std::optional<std::string> read(const folder_entry& at, const std::filesystem::path& below,
                                    std::size_t most_bytes) const;
    void write(const std::filesystem::path& below, std::string_view bytes, durability wanted,
               const std::string* const* known);
    void check_unchanged(const folder_entry& at, const std::filesystem::path& below, const std::string* known) const;
    std::size_t remove_unfinished_in(const descriptor& in);

    std::shared_ptr<const descriptor> shared(descriptor in);

    std::weak_ptr<const descriptor> last_shared_;
    mutable open_root root_;  ///< opened when it is first needed
    modes modes_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Writes the lines of a part, compressed where the file's name ends in .gz or .zst. A file gets its name when all of it
// is on disk: a run that fails leaves what was there before. Blocking; one thread at a time. Every error is a
// fatal_error that names the file.

#include <boost/iostreams/filtering_stream.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"

namespace cpg {

class part_writer {
  public:
    /// `path`, or `-` for standard output.
    explicit part_writer(std::string path);
    /// A file without a name, which is gone with the writer: in TMPDIR, or /tmp.
    static std::unique_ptr<part_writer> temporary();
    part_writer(const part_writer&) = delete;
    part_writer& operator=(const part_writer&) = delete;
    ~part_writer();

    /// Without its line break.
    void line(std::string_view text);
    /// After the last line: all of it is written, and the file has its name.
    void finish();

    /// For reading a temporary file, after finish(), while the writer is there.
    std::string path_of_temporary() const;

  private:
    part_writer() = default;

    void open_beside(const std::string& target);
    void push(std::string_view name);
    void check_written() const;
    [[noreturn]] void fail(int code) const;

    std::string shown_;   ///< for messages
    std::string target_;  ///< the name that the file will have; empty for none
    std::string beside_;  ///< its name until then
    descriptor file_;
    int error_ = 0;  ///< the system's, of the first write that failed
    boost::iostreams::filtering_ostream out_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Reads one input of replay, step by step: a file, a pipe or standard input, plain or compressed, or an archive of such
// files. What comes out are pieces of whole lines, each with the text that it is of. One thread at a time; position()
// and stop from any.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "source/archive_reader.hpp"
#include "source/byte_reader.hpp"
#include "source/inflate.hpp"
#include "source/line_cutter.hpp"
#include "source/line_shaper.hpp"

namespace cpg {

/// Lines of one text.
struct text_piece {
    line_piece lines;
    std::string name;        ///< the input's, or that and the entry's of an archive
    std::uint64_t text = 0;  ///< counts the texts of an input
};

/// What went wrong in parts of the input while others could be read: the first few, and how many.
class problem_list {
  public:
    void add(std::string problem);
    bool empty() const { return count_ == 0; }
    /// One sentence, or nothing.
    std::string text() const;

  private:
    std::vector<std::string> first_;
    std::size_t count_ = 0;
};

class capture_reader {
  public:
    /// Large enough that handing a piece on costs nothing beside decoding it, small enough to stay in the cache.
    static constexpr std::size_t piece_bytes = 1U << 20U;

    /// `path`, or `-` for standard input; opened here. `stopped` ends waiting for a pipe. Throws fatal_error.
    capture_reader(const std::string& path, const std::atomic<bool>& stopped, problem_list& problems);
    ~capture_reader();
    capture_reader(const capture_reader&) = delete;
    capture_reader& operator=(const capture_reader&) = delete;

    /// True when read() would wait for somebody else, after waiting a little.
    bool must_wait() const;
    /// One step. False at the end of the input. Throws; what was read before stays good. A fault in an entry of an
    /// archive is added to the problems, and reading goes on with the next.
    bool read();
    /// Lines that are there by now.
    std::optional<text_piece> take();
    /// After the end, or a fault: the rest becomes lines.
    void finish();
    /// After a stop: half of a line is not one.
    void finish_early();

    /// How many texts it had.
    std::uint64_t texts() const { return texts_; }
    bool is_archive() const { return archive_ != nullptr; }
    /// How much of the input was used.
    std::uint64_t position() const;
    /// A fault of read() as a sentence that says where.
    std::string problem_of(const std::exception& error) const;

  private:
    struct text;

    bool needs_bytes() const { return bytes_.pending().empty() || !inflate_; }
    bool read_bytes(std::string& out);
    bool read_plain(std::string& out);
    void feed(std::string& out);
    bool tell(bool more);
    void open_archive();
    std::string_view next_block();
    bool begin_entry();
    void read_entry();
    bool take_entry_bytes();
    void feed_entry(std::string_view bytes);
    void check_entry();
    void end_entry();
    void end_text();

    const std::atomic<bool>& stopped_;
    problem_list& problems_;
    byte_reader bytes_;
    std::unique_ptr<inflater> inflate_;
    bool is_plain_zip_ = false;
    bool ended_ = false;
    std::unique_ptr<text> text_;
    std::uint64_t texts_ = 0;
    std::deque<text_piece> ready_;

    // Of an archive.
    std::unique_ptr<archive_reader> archive_;
    std::string block_;
    bool block_is_new_ = false;
    std::string_view entry_bytes_;
    std::string entry_head_;
    std::unique_ptr<inflater> entry_inflate_;
};

}  // namespace cpg

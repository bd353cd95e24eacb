// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/capture_reader.hpp"

#include <unistd.h>

#include <utility>

#include "base/error.hpp"
#include "source/foreign_file.hpp"

namespace cpg {

namespace {

// A pipe is looked at this often for a stop.
constexpr int wait_milliseconds = 100;
constexpr std::size_t most_problems_kept = 10;
// A pipe that then waits must not be held up: a line tells that this is a text.
bool tells_format(std::string_view beginning) {
    // pcapng begins with a line break.
    return beginning.size() >= archive_magic_bytes || beginning.find('\n', 1) != std::string_view::npos;
}

}  // namespace

void problem_list::add(std::string problem) {
    if (++count_ <= most_problems_kept) first_.push_back(std::move(problem));
}

std::string problem_list::text() const {
    std::string out;
    for (const std::string& each : first_)
        out += (out.empty() ? "" : "; ") + each;
    if (count_ > first_.size()) out += "; and " + std::to_string(count_ - first_.size()) + " more";
    return out;
}

// A file, or an entry of an archive.
struct capture_reader::text {
    explicit text(std::string name) : name(std::move(name)) {}

    std::string name;
    line_cutter lines;
    line_shaper shaper{lines};
    bool told = false;  ///< that it is one, and no archive
};

capture_reader::capture_reader(const std::string& path, const std::atomic<bool>& stopped, problem_list& problems)
    : stopped_(stopped), problems_(problems), bytes_(path), text_(std::make_unique<text>(bytes_.name())) {}

capture_reader::~capture_reader() = default;

bool capture_reader::must_wait() const {
    return !archive_ && bytes_.may_block() && needs_bytes() && !ended_ && !bytes_.wait(wait_milliseconds);
}

bool capture_reader::read() {
    if (archive_) {
        if (!text_) return begin_entry();
        read_entry();
        return true;
    }
    const bool more = read_bytes(text_->shaper.input());
    if (!text_->told && !tell(more)) return true;
    text_->shaper.pass_on();
    return more;
}

// False as long as it can't be told, and when it is an archive.
bool capture_reader::tell(bool more) {
    const std::string& beginning = text_->shaper.input();
    if (more && !tells_format(beginning)) return false;
    if (std::string problem = foreign_format_problem(beginning, bytes_.name()); !problem.empty()) {
        text_.reset();
        throw fatal_error(problem);
    }
    text_->told = true;
    if (!begins_archive(beginning)) return true;
    open_archive();
    return false;
}

// Takes what is at hand, or what one read gives. False at the end of the input.
bool capture_reader::read_bytes(std::string& out) {
    if (ended_) return false;
    if (inflate_ && inflate_->passes_as_it_is() && bytes_.pending().empty()) return read_plain(out);
    // Too little to tell the format counts as unread: a pipe that then waits must not hold up a stop.
    if (needs_bytes()) {
        const bool ended = !bytes_.more();
        if (!inflate_ && !ended && may_become_magic(bytes_.pending())) return true;
        if (!inflate_) {
            is_plain_zip_ = begins_zip(bytes_.pending());
            inflate_ = make_inflater(bytes_.pending());
        }
        if (ended && bytes_.pending().empty()) {
            ended_ = true;
            drain(*inflate_, out, piece_bytes);
            return false;
        }
    }
    feed(out);
    return true;
}

// A piece is filled where it lies: of a file in one go, of a pipe with what is there.
bool capture_reader::read_plain(std::string& out) {
    ended_ = !bytes_.read_into(out, piece_bytes);
    return !ended_;
}

// What was made of a file that was cut meanwhile is not passed on.
void capture_reader::feed(std::string& out) {
    const std::size_t before = out.size();
    const std::size_t used = inflate_->feed(bytes_.pending(), out, piece_bytes);
    try {
        bytes_.check_not_cut();
    } catch (...) {
        out.resize(before);
        throw;
    }
    bytes_.consume(used);
}

std::optional<text_piece> capture_reader::take() {
    if (ready_.empty()) {
        if (!text_ || !text_->told) return std::nullopt;
        // From a pipe, what is there is passed on; from a file, whole pieces.
        if (text_->lines.buffer().size() < piece_bytes && !bytes_.may_block()) return std::nullopt;
        if (auto lines = text_->lines.cut_lines()) return text_piece{std::move(*lines), text_->name, texts_};
        return std::nullopt;
    }
    text_piece out = std::move(ready_.front());
    ready_.pop_front();
    return out;
}

void capture_reader::finish() {
    if (text_) end_text();
}

void capture_reader::finish_early() {
    if (!text_) return;
    if (auto lines = text_->lines.cut_lines()) ready_.push_back({std::move(*lines), text_->name, texts_});
    text_.reset();
}

void capture_reader::end_text() {
    text_->shaper.finish();
    if (auto lines = text_->lines.cut_rest()) ready_.push_back({std::move(*lines), std::move(text_->name), texts_});
    text_.reset();
    ++texts_;
}

std::uint64_t capture_reader::position() const {
    return archive_ && is_plain_zip_ ? archive_->position() : bytes_.position();
}

std::string capture_reader::problem_of(const std::exception& error) const {
    const auto in = [&](std::uint64_t at) {
        return bytes_.name() + ": " + error.what() + " near byte " + std::to_string(at) +
               "; what came before it was used";
    };
    if (dynamic_cast<const inflate_error*>(&error)) return in(inflate_->taken());
    if (dynamic_cast<const archive_error*>(&error)) return in(position());
    return error.what();
}

// A zip's directory stands at its end, so of a file it is read there; of a pipe, in the order of its bytes.
void capture_reader::open_archive() {
    block_ = std::exchange(text_->shaper.input(), {});
    block_is_new_ = true;
    text_.reset();
    is_plain_zip_ = is_plain_zip_ && bytes_.size() > 0 && ::lseek(bytes_.descriptor(), 0, SEEK_SET) == 0;
    archive_ = is_plain_zip_ ? std::make_unique<archive_reader>(bytes_.descriptor())
                             : std::make_unique<archive_reader>([this] { return next_block(); });
}

std::string_view capture_reader::next_block() {
    if (std::exchange(block_is_new_, false)) return block_;
    block_.clear();
    while (block_.empty() && !ended_ && !stopped_) {
        const bool waits = bytes_.may_block() && needs_bytes() && !bytes_.wait(wait_milliseconds);
        if (!waits) read_bytes(block_);
    }
    return block_;
}

bool capture_reader::begin_entry() {
    const auto name = archive_->next();
    if (!name) return false;
    text_ = std::make_unique<text>(bytes_.name() + ":" + *name);
    entry_inflate_.reset();
    entry_head_.clear();
    entry_bytes_ = {};
    return true;
}

void capture_reader::read_entry() {
    try {
        if (!entry_bytes_.empty() || take_entry_bytes()) return feed_entry(entry_bytes_);
        end_entry();
    } catch (const inflate_error& error) {
        problems_.add(text_->name + ": " + error.what() + "; what came before it was used");
        end_text();
    } catch (const fatal_error& error) {
        problems_.add(error.what());
        end_text();
    }
}

// False at the entry's end. Its first bytes tell how it is compressed.
bool capture_reader::take_entry_bytes() {
    entry_bytes_ = archive_->read();
    if (entry_inflate_ || entry_bytes_.empty()) return !entry_bytes_.empty();
    entry_head_ += entry_bytes_;
    entry_bytes_ = {};
    if (may_become_magic(entry_head_)) return take_entry_bytes();
    entry_inflate_ = make_inflater(entry_head_);
    entry_bytes_ = entry_head_;
    return true;
}

void capture_reader::feed_entry(std::string_view bytes) {
    std::string& out = text_->shaper.input();
    entry_bytes_.remove_prefix(entry_inflate_->feed(bytes, out, piece_bytes));
    if (!text_->told) {
        if (!tells_format(out)) return;
        check_entry();
    }
    text_->shaper.pass_on();
}

void capture_reader::check_entry() {
    const std::string& beginning = text_->shaper.input();
    std::string problem = foreign_format_problem(beginning, text_->name);
    if (problem.empty() && begins_archive(beginning))
        problem = text_->name + " is an archive within an archive: unpack it first, and give cpg the folder";
    if (!problem.empty()) {
        text_->shaper.input().clear();
        throw fatal_error(problem);
    }
    text_->told = true;
}

void capture_reader::end_entry() {
    if (!entry_inflate_) {
        entry_inflate_ = make_inflater(entry_head_);
        entry_inflate_->feed(entry_head_, text_->shaper.input(), piece_bytes);
    }
    drain(*entry_inflate_, text_->shaper.input(), piece_bytes);
    if (!text_->told) check_entry();
    end_text();
}

}  // namespace cpg

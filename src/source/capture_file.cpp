// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/capture_file.hpp"

#include <asio/bind_executor.hpp>
#include <asio/post.hpp>
#include <utility>

#include "decode/json_decoder.hpp"
#include "source/byte_reader.hpp"
#include "source/inflate.hpp"
#include "source/line_cutter.hpp"

namespace cpg {

namespace {

// Large enough that handing a piece on costs nothing beside decoding it, small enough to stay in the cache.
constexpr std::size_t piece_bytes = 1u << 20;
// A pipe is looked at this often for a stop.
constexpr int wait_milliseconds = 100;

void report_too_long(flow_batch& batch, const std::vector<std::uint64_t>& lines) {
    for (const std::uint64_t line : lines) {
        ++batch.lines;
        ++batch.malformed_count;
        if (batch.malformed.size() < flow_batch::most_malformed_kept)
            batch.malformed.push_back({line, "longer than 16 MiB"});
    }
}

decode_task decode_lines_of(line_piece piece) {
    const auto shared = std::make_shared<line_piece>(std::move(piece));
    return [shared](decode_cache& cache, flow_batch& batch) {
        report_too_long(batch, shared->too_long);
        batch.bytes = std::move(shared->bytes);
        json_decoder(cache.labels).decode_lines(batch, shared->first_line);
    };
}

}  // namespace

// What reads the file, piece by piece.
struct capture_file::reader {
    explicit reader(const std::string& path) : bytes(path) {}

    // Takes what is at hand, or what one read gives. False at the end of the input.
    bool fill() {
        // Too little to tell the format counts as unread: a pipe that then waits must not hold up a stop.
        if (needs_bytes()) {
            const bool ended = !bytes.more();
            if (!inflate && !ended && may_become_magic(bytes.pending())) return true;
            if (!inflate) inflate = make_inflater(bytes.pending());
            if (ended && bytes.pending().empty()) {
                drain_and_finish();
                return false;
            }
        }
        feed();
        return true;
    }

    bool needs_bytes() const { return bytes.pending().empty() || !inflate; }

    // What was made of a file that was cut meanwhile is not passed on.
    void feed() {
        std::string& out = lines.buffer();
        const std::size_t before = out.size();
        const std::size_t used = inflate->feed(bytes.pending(), out, piece_bytes);
        try {
            bytes.check_not_cut();
        } catch (...) {
            out.resize(before);
            throw;
        }
        bytes.consume(used);
    }

    // The decompressor may hold output back when its input ends.
    void drain_and_finish() {
        std::string& out = lines.buffer();
        for (std::size_t before = out.size() + 1; before != out.size();) {
            before = out.size();
            inflate->feed({}, out, piece_bytes);
        }
        inflate->finish(out);
    }

    byte_reader bytes;
    std::unique_ptr<inflater> inflate;
    line_cutter lines;
};

std::shared_ptr<capture_file> capture_file::open(const std::string& path, asio::any_io_executor pool,
                                                 asio::any_io_executor session) {
    return std::make_shared<capture_file>(std::make_unique<reader>(path), std::move(pool), std::move(session));
}

capture_file::capture_file(std::unique_ptr<reader> reader, asio::any_io_executor pool, asio::any_io_executor session)
    : strand_(std::move(pool)), session_(std::move(session)), reader_(std::move(reader)) {}

capture_file::~capture_file() = default;

void capture_file::start(flow_receiver& receiver) {
    receiver_ = &receiver;
}

void capture_file::request(std::size_t pieces) {
    asio::post(strand_, [self = shared_from_this(), pieces] {
        self->wanted_ += pieces;
        if (!std::exchange(self->reading_, true)) self->read_more();
    });
}

void capture_file::stop() {
    stopped_ = true;
}

double capture_file::progress() const {
    const std::uint64_t size = reader_->bytes.size();
    return size == 0 ? -1 : static_cast<double>(reader_->bytes.position()) / static_cast<double>(size);
}

std::uint64_t capture_file::bytes_read() const {
    return reader_->bytes.position();
}

void capture_file::read_more() {
    if (wanted_ == 0) {
        reading_ = false;
        return;
    }
    asio::post(strand_, [self = shared_from_this()] { self->read_piece(); });
}

void capture_file::read_piece() {
    if (stopped_) return stop_reading();
    byte_reader& bytes = reader_->bytes;
    if (bytes.may_block() && reader_->needs_bytes() && !bytes.wait(wait_milliseconds)) return read_more();
    bool more = false;
    std::string problem;
    try {
        more = reader_->fill();
    } catch (const inflate_error& error) {
        problem = bytes.name() + ": " + error.what() + " near byte " + std::to_string(reader_->inflate->taken()) +
                  "; what came before it was used";
    } catch (const std::exception& error) {
        problem = error.what();
    }
    line_cutter& lines = reader_->lines;
    if (!more) {
        if (auto rest = lines.cut_rest()) deliver(decode_lines_of(std::move(*rest)));
        return end(std::move(problem));
    }
    // From a pipe, what is there is passed on; from a file, whole pieces.
    if (lines.buffer().size() >= piece_bytes || bytes.may_block())
        if (auto piece = lines.cut_lines()) deliver(decode_lines_of(std::move(*piece)));
    read_more();
}

// Whole lines that were read are used; half of one would look malformed.
void capture_file::stop_reading() {
    if (auto piece = reader_->lines.cut_lines()) deliver(decode_lines_of(std::move(*piece)));
    end({});
}

void capture_file::deliver(decode_task task) {
    if (wanted_ > 0) --wanted_;
    asio::post(session_, [self = shared_from_this(), task = std::move(task)]() mutable {
        if (!self->ended_) self->receiver_->on_input(std::move(task));
    });
}

void capture_file::end(std::string problem) {
    asio::post(session_, [self = shared_from_this(), problem = std::move(problem)]() mutable {
        if (!std::exchange(self->ended_, true)) self->receiver_->on_end({.problem = std::move(problem)});
    });
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/capture_files.hpp"

#include <algorithm>
#include <asio/bind_executor.hpp>
#include <asio/post.hpp>
#include <utility>

#include "decode/json_decoder.hpp"

namespace cpg {

namespace {

void report_too_long(flow_batch& batch, const std::vector<std::uint64_t>& lines) {
    for (const std::uint64_t line : lines) {
        ++batch.lines;
        ++batch.malformed_count;
        if (batch.malformed.size() < flow_batch::most_malformed_kept)
            batch.malformed.push_back({.line = line, .problem = "longer than 16 MiB"});
    }
}

std::uint64_t events_of(const flow_batch& batch) {
    return batch.flows.size() + batch.lost.size() + batch.other_events;
}

}  // namespace

class capture_files::capture_piece final : public input_piece {
  public:
    capture_piece(text_piece text, std::shared_ptr<tally> counts)
        : text_(std::move(text)), counts_(std::move(counts)) {}

    void decode(decode_cache& cache, flow_batch& batch) override {
        report_too_long(batch, text_.lines.too_long);
        batch.bytes = std::move(text_.lines.bytes);
        json_decoder(cache).decode_lines(batch, text_.lines.first_line);
        for (malformed_line& each : batch.malformed)
            each.input = {.number = text_.text, .name = text_.name};
        counts_->lines += batch.lines;
        counts_->events += events_of(batch);
    }

  private:
    text_piece text_;
    const std::shared_ptr<tally> counts_;
};

capture_files::capture_files(input_list list, asio::any_io_executor pool, asio::any_io_executor session)
    : strand_(std::move(pool)), session_(std::move(session)), list_(std::move(list)) {
    for (const std::string& problem : list_.problems)
        problems_.add(problem);
    // A folder has problems that are told at the end; of a single file nothing else could be.
    if (list_.inputs.size() == 1) open_next();
}

capture_files::~capture_files() = default;

void capture_files::start(flow_receiver& receiver) {
    receiver_ = &receiver;
}

void capture_files::request(std::size_t pieces) {
    asio::post(strand_, [this, pieces] {
        wanted_ += pieces;
        if (!std::exchange(reading_, true)) read_more();
    });
}

void capture_files::stop() {
    stopped_ = true;
}

double capture_files::progress() const {
    if (list_.bytes == 0) return -1;
    return std::min(1.0, static_cast<double>(read_) / static_cast<double>(list_.bytes));
}

std::vector<std::string> capture_files::inputs_without_events() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < tallies_.size(); ++i)
        if (tallies_[i]->lines > 0 && tallies_[i]->events == 0) out.push_back(list_.inputs[i].path);
    return out;
}

void capture_files::open_next() {
    tallies_.push_back(std::make_shared<tally>());
    reader_ = std::make_unique<capture_reader>(list_.inputs[next_++].path, stopped_, problems_);
}

void capture_files::read_more() {
    if (wanted_ == 0) {
        reading_ = false;
        return;
    }
    asio::post(strand_, [this] { read_step(); });
}

void capture_files::read_step() {
    if (stopped_) return stop_reading();
    if (deliver_one()) return read_more();
    if (!reader_ && next_ == list_.inputs.size()) return end();
    try {
        if (!reader_) open_next();
        if (reader_->must_wait()) return read_more();
        if (!reader_->read()) end_input();
    } catch (const std::exception& error) {
        // An archive that a stop cut short is no fault.
        if (!stopped_) problems_.add(reader_ ? reader_->problem_of(error) : error.what());
        if (reader_) end_input();
    }
    if (reader_) read_ = read_before_ + reader_->position();
    read_more();
}

// What is left of it is still to be taken.
void capture_files::end_input() {
    reader_->finish();
    input_is_over_ = true;
}

// True when there was a piece. Each takes one of those that were asked for.
bool capture_files::deliver_one() {
    if (!reader_) return false;
    if (auto piece = reader_->take()) {
        deliver(undecoded(std::move(*piece)));
        return true;
    }
    if (std::exchange(input_is_over_, false)) {
        texts_ += reader_->texts();
        read_before_ += std::max(reader_->position(), list_.inputs[next_ - 1].bytes);
        read_ = read_before_;
        reader_.reset();
    }
    return false;
}

// Whole lines that were read are used; half of one would look malformed.
void capture_files::stop_reading() {
    if (reader_) reader_->finish_early();
    if (deliver_one()) return read_more();
    end();
}

piece_ptr capture_files::undecoded(text_piece piece) {
    if (list_.inputs.size() == 1 && !reader_->is_archive()) piece.name.clear();
    piece.text += texts_;
    return std::make_unique<capture_piece>(std::move(piece), tallies_.back());
}

void capture_files::deliver(piece_ptr piece) {
    --wanted_;
    asio::post(session_, [this, piece = std::move(piece)]() mutable {
        if (!ended_) receiver_->on_input(std::move(piece));
    });
}

void capture_files::end() {
    asio::post(session_, [this, problem = problems_.text()]() mutable {
        if (!std::exchange(ended_, true)) receiver_->on_end({.problem = std::move(problem)});
    });
}

}  // namespace cpg

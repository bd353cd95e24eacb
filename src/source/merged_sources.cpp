// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/merged_sources.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "base/text.hpp"

namespace cpg {

class merged_sources::member final : public flow_receiver {
  public:
    member(merged_sources& whole, named_source from)
        : whole_(whole), name_(std::move(from.name)), source_(std::move(from.source)) {}

    const std::string& name() const { return name_; }
    flow_source& source() const { return *source_; }

    void on_input(piece_ptr piece) override { whole_.on_input(*this, std::move(piece)); }
    void on_end(source_end end) override { whole_.on_end(*this, end); }

  private:
    merged_sources& whole_;
    const std::string name_;
    const std::unique_ptr<flow_source> source_;
};

merged_sources::merged_sources(asio::any_io_executor strand, std::vector<named_source> sources, logger& log)
    : strand_(std::move(strand)), log_(log) {
    for (named_source& each : sources)
        members_.push_back(std::make_unique<member>(*this, std::move(each)));
}

merged_sources::~merged_sources() = default;

void merged_sources::start(flow_receiver& receiver) {
    receiver_ = &receiver;
    for (const auto& each : members_) {
        each->source().start(*each);
        each->source().request(1);
    }
}

void merged_sources::request(std::size_t pieces) {
    credits_ += pieces;
    if (waiting_.empty() || std::exchange(on_its_way_, true)) return;
    asio::post(strand_, [this] {
        on_its_way_ = false;
        hand_on();
    });
}

void merged_sources::stop() {
    for (const auto& each : members_)
        each->source().stop();
}

std::uint64_t merged_sources::bytes_read() const {
    std::uint64_t out = 0;
    for (const auto& each : members_)
        out += each->source().bytes_read();
    return out;
}

bool merged_sources::has_begun() const {
    return std::ranges::any_of(members_, [](const auto& each) { return each->source().has_begun(); });
}

void merged_sources::on_input(member& from, piece_ptr piece) {
    waiting_.push_back({&from, std::move(piece)});
    hand_on();
}

void merged_sources::on_end(member& from, const source_end& end) {
    ++ended_;
    if (!end.problem.empty()) tell_of_failure(from, end.problem);
    hand_on();
}

// The last word of all comes behind the last piece.
void merged_sources::hand_on() {
    for (; credits_ > 0 && !waiting_.empty(); --credits_) {
        waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        receiver_->on_input(std::move(next.piece));
        next.from->source().request(1);
    }
    if (ended_ < members_.size() || !waiting_.empty()) return;
    if (flow_receiver* const told = std::exchange(receiver_, nullptr)) told->on_end({.problem = problem()});
}

void merged_sources::tell_of_failure(const member& failed, const std::string& problem) {
    problems_.push_back(problem);
    if (ended_ < members_.size())
        log_.error("a server is lost; the others go on", {{"server", failed.name()}, {"problem", problem}});
}

std::string merged_sources::problem() const {
    if (problems_.size() < 2) return join(problems_, "");
    return std::to_string(problems_.size()) + " of " + std::to_string(members_.size()) +
           " servers were lost: " + join(problems_, "; ");
}

}  // namespace cpg

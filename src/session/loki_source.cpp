// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/loki_source.hpp"

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "decode/json_decoder.hpp"

namespace cpg {

namespace {

class page_piece final : public input_piece {
  public:
    page_piece(std::string lines, std::uint64_t first_line) : lines_(std::move(lines)), first_line_(first_line) {}

    void decode(decode_cache& cache, flow_batch& batch) override {
        batch.bytes = std::move(lines_);
        json_decoder(cache).decode_lines(batch, first_line_);
    }

  private:
    std::string lines_;
    const std::uint64_t first_line_;
};

}  // namespace

loki_source::loki_source(asio::any_io_executor strand, loki_settings settings, logger& log)
    : strand_(std::move(strand)),
      patience_(settings.patience),
      client_(strand_, settings.access, log, settings.user_agent),
      query_(client_, std::move(settings.query), settings.window) {}

void loki_source::request(std::size_t pieces) {
    wanted_ += pieces;
    if (ended_ || std::exchange(reading_, true)) return;
    asio::co_spawn(strand_, read(), asio::bind_cancellation_slot(cancel_.slot(), [](std::exception_ptr) {}));
}

// What was asked for is on its way to nobody.
void loki_source::stop() {
    stopped_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
    asio::post(strand_, [this] {
        if (!reading_ && !std::exchange(ended_, true)) receiver_->on_end({});
    });
}

asio::awaitable<void> loki_source::read() {
    std::string problem;
    try {
        // A callback must not come from within request().
        co_await asio::post(strand_, asio::use_awaitable);
        co_await deliver_pages();
    } catch (const std::exception& error) {
        if (!stopped_) problem = "reading from Loki: " + std::string(error.what()) + "; what could be read was used";
    }
    reading_ = false;
    if ((wanted_ == 0 && problem.empty() && !stopped_ && !ended_) || std::exchange(ended_, true)) co_return;
    receiver_->on_end({.problem = std::move(problem)});
}

// Leaves `wanted_` above 0 only at the end.
asio::awaitable<void> loki_source::deliver_pages() {
    while (wanted_ > 0 && !stopped_) {
        auto lines = co_await query_.next(patience_);
        answered_ = true;
        if (!lines && query_.left_out())
            throw std::runtime_error(
                "more lines than Loki gives at once have the same nanosecond, and the rest of those can't be asked "
                "for: "
                "part --loki-query by labels");
        if (!lines) co_return;
        --wanted_;
        deliver(std::move(*lines));
    }
}

void loki_source::deliver(std::string lines) {
    const std::uint64_t first = lines_ + 1;
    lines_ += static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
    bytes_ += lines.size();
    receiver_->on_input(std::make_unique<page_piece>(std::move(lines), first));
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Several sources as one. Each reads one piece ahead of what is asked for, so that one with nothing to give holds
// nobody up, and those that have something take turns. One that fails ends by itself: the others go on, and how it
// ended is told at once and again at the end. Calls and callbacks on the session strand, as flow_source says.

#include <asio/any_io_executor.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "source/flow_source.hpp"

namespace cpg {

/// A source, and what people call it.
struct named_source {
    std::string name;
    std::unique_ptr<flow_source> source;
};

class merged_sources final : public flow_source {
  public:
    /// At least one.
    merged_sources(asio::any_io_executor strand, std::vector<named_source> sources, logger& log);
    ~merged_sources() override;

    void start(flow_receiver& receiver) override;
    void request(std::size_t pieces) override;
    void stop() override;
    std::uint64_t bytes_read() const override;
    bool has_begun() const override;

  private:
    class member;
    struct waiting {
        member* from = nullptr;
        piece_ptr piece;
    };

    void on_input(member& from, piece_ptr piece);
    void on_end(member& from, const source_end& end);
    void hand_on();
    void tell_of_failure(const member& failed, const std::string& problem);
    std::string problem() const;

    const asio::any_io_executor strand_;
    logger& log_;
    std::vector<std::unique_ptr<member>> members_;
    std::deque<waiting> waiting_;  ///< at most one of each
    flow_receiver* receiver_ = nullptr;
    std::size_t credits_ = 0;
    std::size_t ended_ = 0;
    bool on_its_way_ = false;  ///< hand_on()
    std::vector<std::string> problems_;
};

}  // namespace cpg

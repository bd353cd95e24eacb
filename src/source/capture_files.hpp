// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Captures as a source of flows: files, folders of files, pipes or standard input, plain, compressed or in archives,
// one after the other, each opened when the one before is read. Reading and inflating run on a strand of their own,
// one piece ahead of nobody: a piece is read when it is asked for. Calls and callbacks on the session strand, as
// flow_source says.

#include <asio/any_io_executor.hpp>
#include <asio/strand.hpp>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "source/capture_reader.hpp"
#include "source/flow_source.hpp"
#include "source/input_list.hpp"

namespace cpg {

class capture_files final : public flow_source {
  public:
    /// The first input is opened here. `pool` runs the reading, `session` is the session strand. Throws fatal_error
    /// with what to do when the only input can't be opened.
    capture_files(input_list list, asio::any_io_executor pool, asio::any_io_executor session);
    ~capture_files() override;

    void start(flow_receiver& receiver) override;
    void request(std::size_t pieces) override;
    void stop() override;
    double progress() const override;
    std::uint64_t bytes_read() const override { return read_; }

    std::vector<std::string> inputs_without_events() const override;

  private:
    /// Of one input; counted where its pieces are decoded.
    struct tally {
        std::atomic<std::uint64_t> lines = 0;
        std::atomic<std::uint64_t> events = 0;
    };

    class capture_piece;

    void open_next();
    void read_more();
    void read_step();
    void end_input();
    void stop_reading();
    bool deliver_one();
    piece_ptr undecoded(text_piece piece);
    void deliver(piece_ptr piece);
    void end();

    asio::strand<asio::any_io_executor> strand_;  ///< reads
    asio::any_io_executor session_;
    flow_receiver* receiver_ = nullptr;  ///< session strand
    bool ended_ = false;                 ///< session strand
    const input_list list_;
    std::vector<std::shared_ptr<tally>> tallies_;  ///< as many as were opened; strand_
    problem_list problems_;                        ///< strand_
    std::unique_ptr<capture_reader> reader_;       ///< strand_
    bool input_is_over_ = false;                   ///< of reader_; strand_
    std::size_t next_ = 0;                         ///< strand_
    std::uint64_t texts_ = 0;                      ///< of the inputs before; strand_
    std::uint64_t read_before_ = 0;                ///< of the inputs before; strand_
    std::size_t wanted_ = 0;                       ///< strand_
    bool reading_ = false;                         ///< strand_
    std::atomic<std::uint64_t> read_ = 0;
    std::atomic<bool> stopped_ = false;
};

}  // namespace cpg

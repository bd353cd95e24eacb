// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A capture as a source of flows: a file, a pipe or standard input, plain, gzip, zstd, xz or bzip2. Reading and
// inflating run on a strand of their own, one piece ahead of nobody: a piece is read when it is asked for. Calls and
// callbacks on the session strand, as flow_source says.

#include <asio/any_io_executor.hpp>
#include <asio/strand.hpp>
#include <atomic>
#include <memory>
#include <string>

#include "source/flow_source.hpp"

namespace cpg {

class capture_file final : public flow_source, public std::enable_shared_from_this<capture_file> {
    struct reader;

  public:
    /// `path`, or `-` for standard input; opened here. `pool` runs the reading, `session` is the session strand.
    /// Throws fatal_error with what to do when the file can't be opened.
    static std::shared_ptr<capture_file> open(const std::string& path, asio::any_io_executor pool,
                                              asio::any_io_executor session);
    ~capture_file() override;

    void start(flow_receiver& receiver) override;
    void request(std::size_t pieces) override;
    void stop() override;
    double progress() const override;
    std::uint64_t bytes_read() const override;

    capture_file(std::unique_ptr<reader> reader, asio::any_io_executor pool, asio::any_io_executor session);

  private:
    void read_more();
    void read_piece();
    void stop_reading();
    void deliver(decode_task task);
    void end(std::string problem);

    asio::strand<asio::any_io_executor> strand_;  ///< reads
    asio::any_io_executor session_;
    flow_receiver* receiver_ = nullptr;  ///< session strand
    bool ended_ = false;                 ///< session strand
    std::unique_ptr<reader> reader_;     ///< strand_
    std::size_t wanted_ = 0;             ///< strand_
    bool reading_ = false;               ///< strand_
    std::atomic<bool> stopped_ = false;
};

}  // namespace cpg

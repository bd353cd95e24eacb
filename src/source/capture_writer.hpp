// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Writes what a stream brings as a capture that replay reads: the lines of `hubble observe -o jsonpb`, compressed where
// the file's name ends in .gz. Any thread; a lock is taken once a piece. The first failure ends the writing and is
// kept: the capture of flows goes on.

#include <boost/iostreams/filtering_stream.hpp>

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "flow/flow.hpp"

namespace cpg {

class capture_writer {
  public:
    /// Makes the file, for its owner alone, where it is not there. Throws fatal_error.
    explicit capture_writer(std::string path);
    capture_writer(const capture_writer&) = delete;
    capture_writer& operator=(const capture_writer&) = delete;
    ~capture_writer();

    /// Those messages of which the batch was made but for the flows that it no longer has. What the file held before is
    /// gone with the first of them.
    void write(std::span<const std::string_view> messages, const flow_batch& batch);
    /// Writes what is held back; what the file held before is gone then at the latest. Empty, or what went wrong at any
    /// time.
    std::string finish();

    const std::string& path() const { return path_; }
    std::uint64_t lines() const;

  private:
    struct printed {
        std::string text;
        std::uint64_t lines = 0;
        std::uint64_t left_out = 0;  ///< messages that have no JSON: text that is no UTF-8, or no message at all
    };

    static printed print(std::span<const std::string_view> messages, const flow_batch& batch);
    void begin();
    void append(const printed& piece);
    void note_error();
    void write_rest();

    const std::string path_;
    int descriptor_ = -1;
    mutable std::mutex mutex_;
    int error_ = 0;  ///< the system's, of the first write that failed
    boost::iostreams::filtering_ostream out_;
    bool has_begun_ = false;
    std::uint64_t lines_ = 0;
    std::uint64_t left_out_ = 0;
    std::string problem_;
};

}  // namespace cpg

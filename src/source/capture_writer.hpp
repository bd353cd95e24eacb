// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Writes what a stream brings as a capture that replay reads: the lines of `hubble observe -o jsonpb`, compressed where
// the file's name ends in .gz. Any thread; a lock is taken once a piece. The first failure ends the writing and is
// kept: the capture of flows goes on.

#include <boost/iostreams/filtering_stream.hpp>

#include <cstdint>
#include <mutex>
#include <string>

#include "flow/flow.hpp"

namespace cpg {

class capture_writer {
  public:
    /// Makes the file, or empties it where it is there, for its owner alone. Throws fatal_error.
    explicit capture_writer(std::string path);
    capture_writer(const capture_writer&) = delete;
    capture_writer& operator=(const capture_writer&) = delete;
    ~capture_writer();

    /// The batch's messages but for the flows that the batch no longer has.
    void write(const flow_batch& batch);
    /// Writes what is held back. Empty, or what went wrong at any time.
    std::string finish();

    const std::string& path() const { return path_; }
    std::uint64_t lines() const;

  private:
    void append(const std::string& text, std::uint64_t lines);
    void fail();

    const std::string path_;
    int descriptor_ = -1;
    mutable std::mutex mutex_;
    boost::iostreams::filtering_ostream out_;
    std::uint64_t lines_ = 0;
    std::string problem_;
};

}  // namespace cpg

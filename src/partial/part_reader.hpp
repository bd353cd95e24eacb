// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Reads a part, a workload at a time. Blocking; one thread at a time. Every fault of the file is a fatal_error that
// names it and the line.

#include <optional>
#include <string>
#include <utility>

#include "aggregate/workload.hpp"
#include "partial/line_reader.hpp"
#include "partial/part.hpp"

namespace cpg {

class part_reader {
  public:
    /// `path`, or `-` for standard input. Reads the header, and the first workload.
    explicit part_reader(const std::string& path);

    const std::string& name() const { return lines_.name(); }
    const part_header& header() const { return header_; }
    /// The workload at hand; null behind the last one.
    const workload_key* key() const { return at_hand_ ? &at_hand_->first : nullptr; }
    /// Takes it, and reads the next one. Keys ascend.
    workload take();
    /// Behind the last workload.
    const part_end& end() const { return end_; }

  private:
    void read_next();
    void read_line(std::string_view line);
    [[noreturn]] void refuse(std::string_view problem) const;

    line_reader lines_;
    part_header header_;
    std::optional<std::pair<workload_key, workload>> at_hand_;
    std::uint64_t read_ = 0;  ///< workloads
    part_end end_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Logs of container runtimes: CRI (`TIME stdout F text`) and docker's json-file (`{"log":"text\n",…}`). Both cut lines
// of more than 16 KiB in parts, which are put together here. Memory is bounded by a line. One thread at a time.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace cpg {

class container_log {
  public:
    /// True when a log that begins with this line is one.
    static bool begins_with(std::string_view line);

    /// Appends what the line ends, if it ends one: that itself, as docker's if it came so, with a line break. Parts
    /// that were put together are followed by as many blank lines, so that numbers of lines stay right.
    void add(std::string_view line, std::string& out);
    /// Parts whose end did not come, as a line.
    void finish(std::string& out);

  private:
    struct stream {
        std::string text;  ///< of parts
        std::size_t parts = 0;
        bool is_docker = false;
    };
    static void emit(stream& from, std::string& out);

    std::array<stream, 2> streams_;  ///< stdout, stderr: their lines may come in turns
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// HTTP/1.1 as text in and text out: writes a request, reads an answer from the pieces in which it comes. No
// I/O; any thread, one object by one thread at a time. What a server can make it keep is bounded.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "k8s/net/cluster_error.hpp"

namespace cpg::k8s {

struct http_request {
    std::string method = "GET";
    std::string target;
    std::string host;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The head of the request and the blank line. Throws cluster_error when a name or value would end its line.
std::string format_request(const http_request& request);

struct http_answer {
    unsigned status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case; of equal names the values joined with ", "
    std::string body;
    bool keeps_open = false;  ///< another request may follow on the same stream

    std::string header(const std::string& lower_case_name) const;
};

inline constexpr std::size_t most_head = limits::http_head_bytes;
inline constexpr std::size_t most_body = limits::http_body_bytes;
/// Of all bytes of one answer: with the sizes of chunks, their extensions, trailers and interim answers.
inline constexpr std::size_t most_answer = 2 * (most_head + most_body);

class answer_reader {
  public:
    /// `head_only`: the answer has no body whatever its headers say, as that to CONNECT.
    explicit answer_reader(bool head_only = false);
    answer_reader(answer_reader&&) noexcept;
    ~answer_reader();

    /// True when the answer is whole. Throws cluster_error when the peer does not speak HTTP, or more of it than is
    /// allowed.
    bool feed(std::string_view bytes);
    /// The peer closed. Throws cluster_error unless that is how the answer ends.
    void end();
    /// Bytes behind the answer.
    std::string take_rest() { return std::exchange(pending_, {}); }
    http_answer release();

  private:
    void begin();
    bool is_whole();
    bool has_enough() const;

    struct parser;
    bool head_only_;
    std::size_t total_ = 0;
    std::unique_ptr<parser> parser_;
    std::string pending_;
};

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Lines of Grafana Loki, page by page and oldest first, through `query_range` of its HTTP API. On the client's
// executor; one call at a time. Memory is bounded by one answer.

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/timestamp.hpp"
#include "k8s/api/api_client.hpp"

namespace cpg::k8s {

/// What an answer of query_range holds.
struct loki_answer {
    struct entry {
        std::int64_t time_ns = 0;
        std::string line;
        std::string stream;  ///< its labels, as text
    };
    std::vector<entry> entries;
};

/// Throws std::runtime_error for what is no answer to a query for lines.
loki_answer read_loki_answer(std::string_view body);

class loki_query {
  public:
    /// What Loki allows by default (limits_config.max_entries_limit_per_query).
    static constexpr std::size_t most_entries = 5000;

    /// `window`: bounded on both sides.
    loki_query(api_client& client, std::string query, time_window window)
        : client_(client), query_(std::move(query)), window_(window), from_ns_(window.since_ns) {}

    /// The next lines, each with its line break; nothing at the end. Each page has `patience`; 429 is waited out in it.
    /// Throws what api_client::get does, and std::runtime_error for an answer that can't be read.
    asio::awaitable<std::optional<std::string>> next(std::chrono::nanoseconds patience);

    /// More lines than a page holds have one time, and there is no way to ask for the rest of them.
    bool left_out() const { return left_out_; }
    /// Of the time asked for, from 0 to 1.
    double progress() const;

  private:
    asio::awaitable<std::string> get(steady_time until);
    std::string take(loki_answer answer);

    api_client& client_;
    std::string query_;
    time_window window_;
    std::int64_t from_ns_;
    std::size_t limit_ = most_entries;
    bool ended_ = false;
    bool left_out_ = false;
    /// Of from_ns_, which was taken already: a page may end between lines of one time.
    std::set<std::pair<std::string, std::string>> taken_;
};

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/loki.hpp"

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "base/text.hpp"
#include "base/url.hpp"
#include "k8s/config/json.hpp"

namespace cpg::k8s {

namespace {

using namespace std::chrono_literals;

constexpr unsigned too_many_requests = 429;
constexpr auto first_wait = 500ms;
constexpr auto longest_wait = 15s;

// A Loki that allows fewer lines a page says so (pkg/querier: "max entries limit per query exceeded").
bool says_fewer(const api_error& error) {
    return error.status.code == 400 && error.status.message.find("max entries limit") != std::string::npos;
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::runtime_error("Loki's answer can't be read: " + what);
}

loki_answer::entry entry_of(const boost::json::value& value, const std::string& stream) {
    const boost::json::array* const pair = value.if_array();
    if (!pair || pair->size() < 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string())
        refuse("an entry is no pair of a time and a line");
    const auto time = parse_unsigned(std::string_view((*pair)[0].get_string()));
    if (!time || *time > static_cast<unsigned long long>(std::numeric_limits<std::int64_t>::max()))
        refuse("a time is no number of nanoseconds");
    const std::string_view line((*pair)[1].get_string());
    return {.time_ns = static_cast<std::int64_t>(*time), .line = std::string(line), .stream = stream};
}

}  // namespace

loki_answer read_loki_answer(std::string_view body) {
    boost::system::error_code ec;
    const boost::json::value root = boost::json::parse({body.data(), body.size()}, ec);
    if (ec) refuse("it is no JSON");
    const std::string type = json_text(root, {"data", "resultType"});
    if (!type.empty() && type != "streams")
        refuse("the query gives numbers (" + type + "), not lines: leave out its functions");
    const boost::json::array* const streams = json_list(root, {"data", "result"});
    if (json_text(root, {"status"}) != "success" || !streams) refuse("it has no result");
    loki_answer out;
    for (const boost::json::value& each : *streams) {
        const boost::json::value* const labels = json_at(each, {"stream"});
        const boost::json::array* const values = json_list(each, {"values"});
        if (!labels || !values) refuse("a stream has no values");
        const std::string stream = boost::json::serialize(*labels);
        for (const boost::json::value& value : *values)
            out.entries.push_back(entry_of(value, stream));
    }
    return out;
}

// 429 without Retry-After is waited for in growing steps; one with it, the client has waited for already.
asio::awaitable<std::string> loki_query::get(steady_time until) {
    auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(first_wait);
    for (;;) {
        const std::string path = "/loki/api/v1/query_range?direction=forward&limit=" + std::to_string(limit_) +
                                 "&start=" + std::to_string(from_ns_) + "&end=" + std::to_string(window_.until_ns) +
                                 "&query=" + percent_encode(query_);
        bool must_wait = false;
        try {
            co_return co_await client_.get(path, until);
        } catch (const api_error& error) {
            must_wait = error.status.code == too_many_requests && std::chrono::steady_clock::now() + wait < until;
            if (!must_wait && !(says_fewer(error) && limit_ > 1)) throw;
        }
        if (must_wait) {
            asio::steady_timer timer(co_await asio::this_coro::executor, wait);
            co_await timer.async_wait(asio::use_awaitable);
            wait = std::min<std::chrono::milliseconds>(2 * wait, longest_wait);
        } else {
            limit_ /= 2;
        }
    }
}

asio::awaitable<std::optional<std::string>> loki_query::next(std::chrono::nanoseconds patience) {
    while (!ended_) {
        const auto until = std::chrono::steady_clock::now() +
                           std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience);
        std::string lines = take(read_loki_answer(co_await get(until)));
        if (!lines.empty()) co_return lines;
    }
    co_return std::nullopt;
}

// A page that is full may end between lines of one time, so the next begins with that time, and what was taken of it is
// left out. Where more lines than a page holds have one time, the rest of them can't be asked for.
std::string loki_query::take(loki_answer answer) {
    std::string out;
    const bool full = answer.entries.size() >= limit_;
    std::ranges::stable_sort(answer.entries, {}, &loki_answer::entry::time_ns);
    const std::int64_t last = answer.entries.empty() ? from_ns_ : answer.entries.back().time_ns;
    std::set<std::pair<std::string, std::string>> of_last;
    if (last == from_ns_) of_last = taken_;
    for (loki_answer::entry& each : answer.entries) {
        if (each.time_ns == from_ns_ && taken_.contains({each.stream, each.line})) continue;
        out.append(each.line) += '\n';
        if (each.time_ns == last) of_last.emplace(std::move(each.stream), std::move(each.line));
    }
    ended_ = !full;
    if (full && last == from_ns_ && out.empty()) {
        from_ns_ = last + 1;
        left_out_ = true;
        taken_.clear();
    } else {
        from_ns_ = last;
        taken_ = std::move(of_last);
    }
    ended_ |= from_ns_ >= window_.until_ns;
    return out;
}

double loki_query::progress() const {
    const auto whole = static_cast<double>(window_.until_ns - window_.since_ns);
    return whole <= 0 ? 1 : std::clamp(static_cast<double>(from_ns_ - window_.since_ns) / whole, 0.0, 1.0);
}

}  // namespace cpg::k8s

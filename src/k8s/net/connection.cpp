// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/connection.hpp"

#include <array>
#include <asio/error.hpp>
#include <asio/this_coro.hpp>
#include <cctype>
#include <system_error>

namespace cpg::k8s {

namespace {

asio::awaitable<void> read_answer(connection& stream, answer_reader& reader) {
    std::array<char, 16384> buffer{};
    for (;;) {
        std::size_t count = 0;
        bool ended = false;
        try {
            count = co_await stream.read_some(asio::buffer(buffer));
        } catch (const std::system_error& error) {
            if (error.code() != asio::error::eof) throw;
            ended = true;
        }
        if (ended) {
            reader.end();
            co_return;
        }
        if (reader.feed({buffer.data(), count})) co_return;
    }
}

}  // namespace

asio::awaitable<std::size_t> connection::read_some(asio::mutable_buffer into) {
    if (unread_.empty()) co_return co_await receive(into);
    const std::size_t count = asio::buffer_copy(into, asio::buffer(unread_));
    unread_.erase(0, count);
    co_return count;
}

std::string connect_reason(const std::error_code& error) {
    std::string text = error.message();
    if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

asio::awaitable<http_answer> exchange(connection& stream, const http_request& request, bool head_only,
                                      steady_time until) {
    const std::string text = format_request(request);
    const deadline limit(co_await asio::this_coro::executor, until, [&stream] { stream.close(); });
    try {
        co_await stream.write(text);
        answer_reader reader(head_only);
        co_await read_answer(stream, reader);
        stream.give_back(reader.take_rest());
        co_return reader.release();
    } catch (const std::system_error& error) {
        if (limit.passed()) throw cluster_error("no answer from " + request.host + " in time");
        if (error.code() == asio::error::operation_aborted) throw;
        throw cluster_error("talking to " + request.host + ": " + connect_reason(error.code()));
    }
}

}  // namespace cpg::k8s

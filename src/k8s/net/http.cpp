// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/http.hpp"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/text.hpp"

namespace cpg::k8s {

namespace http = boost::beast::http;

struct answer_reader::parser : http::response_parser<http::string_body> {};

namespace {

using message = http::request<http::empty_body>;

// Beast writes what it is given, so what would end a line or a name is refused here.
void add_header(message& out, const std::string& name, const std::string& value) {
    const bool breaks = name.find_first_of("\r\n:") != std::string::npos ||
                        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    if (breaks)
        throw cluster_error("the value of header " + printable(name) + " can't be sent: it has a line break in it");
    out.insert(name, value);
}

[[noreturn]] void fail(const boost::system::error_code& error) {
    if (error == http::error::header_limit)
        throw cluster_error("the server's answer has a head of more than " + std::to_string(most_head) + " bytes");
    if (error == http::error::body_limit)
        throw cluster_error("the server's answer is larger than " + std::to_string(most_body) + " bytes");
    if (error == http::error::partial_message || error == http::error::end_of_stream)
        throw cluster_error("the server closed the connection in the middle of its answer");
    throw cluster_error("the server's answer is not HTTP: " + error.message());
}

std::string text_of(message& head) {
    std::string out;
    http::request_serializer<http::empty_body> serializer(head);
    boost::system::error_code error;
    while (!serializer.is_done()) {
        serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
            const std::size_t before = out.size();
            for (const boost::asio::const_buffer part : boost::beast::buffers_range_ref(buffers))
                out.append(static_cast<const char*>(part.data()), part.size());
            serializer.consume(out.size() - before);
        });
        if (error) throw cluster_error("the request can't be written: " + error.message());
    }
    return out;
}

}  // namespace

std::string format_request(const http_request& request) {
    if (request.target.find_first_of(" \r\n") != std::string::npos)
        throw cluster_error("the request path can't be sent");
    message head;
    head.version(11);
    head.method_string(request.method);
    head.target(request.target);
    add_header(head, "Host", request.host);
    for (const auto& [name, value] : request.headers)
        add_header(head, name, value);
    return text_of(head);
}

std::string http_answer::header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string() : found->second;
}

answer_reader::answer_reader(bool head_only) : head_only_(head_only) {
    begin();
}

void answer_reader::begin() {
    parser_ = std::make_unique<parser>();
    parser_->eager(true);
    parser_->skip(head_only_);
    parser_->header_limit(most_head);
    parser_->body_limit(most_body);
}

answer_reader::answer_reader(answer_reader&&) noexcept = default;
answer_reader::~answer_reader() = default;

bool answer_reader::feed(std::string_view bytes) {
    pending_ += bytes;
    total_ += bytes.size();
    if (total_ > most_answer) fail(http::error::body_limit);
    while (!is_whole() && has_enough()) {
        boost::system::error_code error;
        const std::size_t used = parser_->put(boost::asio::buffer(pending_), error);
        pending_.erase(0, used);
        if (error == http::error::need_more) break;
        if (error) fail(error);
        if (used == 0) break;
    }
    // Beast has no limit of its own for the extensions of a chunk and for trailers: it asks for more till they end.
    if (!parser_->is_done() && pending_.size() > most_head) fail(http::error::header_limit);
    return parser_->is_done();
}

// Beast asserts that it never sees a last chunk that it has begun to read in fewer bytes than that has: 0, two ends of
// line.
bool answer_reader::has_enough() const {
    constexpr std::size_t last_chunk = 5;
    const bool in_chunks = parser_->is_header_done() && parser_->chunked();
    return pending_.size() >= (in_chunks ? last_chunk : 1);
}

// 100 Continue and its like come before an answer; after 101 the bytes are another protocol's.
bool answer_reader::is_whole() {
    if (!parser_->is_done()) return false;
    const unsigned status = parser_->get().result_int();
    if (status / 100 != 1 || status == 101) return true;
    begin();
    return false;
}

void answer_reader::end() {
    boost::system::error_code error;
    if (!parser_->got_some()) fail(http::error::end_of_stream);
    parser_->put_eof(error);
    if (error) fail(error);
}

http_answer answer_reader::release() {
    http_answer out;
    out.keeps_open = parser_->keep_alive();
    auto message = parser_->release();
    out.status = message.result_int();
    for (const auto& field : message) {
        std::string& value = out.headers[lower({field.name_string().data(), field.name_string().size()})];
        if (!value.empty()) value += ", ";
        value.append(field.value().data(), field.value().size());
    }
    out.body = std::move(message.body());
    return out;
}

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/http.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg::k8s {

namespace {

// What is read from these bytes, or the error.
std::string read(const std::string& text, bool head_only = false) {
    answer_reader reader(head_only);
    try {
        if (!reader.feed(text)) return "not whole";
    } catch (const cluster_error& error) {
        return error.what();
    }
    const http_answer answer = reader.release();
    return std::to_string(answer.status) + " " + answer.body + "|" + reader.take_rest();
}

const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(http_suite)

BOOST_AUTO_TEST_CASE(a_request_is_written_in_the_order_of_its_headers) {
    const http_request request = {.method = "GET",
                                  .target = "/api?x=%20y",
                                  .host = "a.example:6443",
                                  .headers = {{"Accept", "application/json"}, {"X-Group", "a"}, {"X-Group", "b"}}};
    BOOST_TEST(format_request(request) ==
               "GET /api?x=%20y HTTP/1.1\r\nHost: a.example:6443\r\nAccept: application/json\r\nX-Group: a\r\nX-Group: "
               "b\r\n\r\n");
    const http_request connect = {.method = "CONNECT", .target = "a:1", .host = "a:1", .headers = {}};
    BOOST_TEST(format_request(connect) == "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(nothing_can_end_its_line) {
    const auto refused = [](const http_request& request) { BOOST_CHECK_THROW(format_request(request), cluster_error); };
    refused({.target = "/a b", .host = "h", .headers = {}});
    refused({.target = "/a\r\nX: y", .host = "h", .headers = {}});
    refused({.target = "/", .host = "h\r\nX: y", .headers = {}});
    refused({.target = "/", .host = "h", .headers = {{"A", "b\nX: y"}}});
    refused({.target = "/", .host = "h", .headers = {{"A", std::string("b\0c", 3)}}});
    refused({.target = "/", .host = "h", .headers = {{"A: b\r\nX", "y"}}});
}

BOOST_AUTO_TEST_CASE(an_interim_answer_is_not_the_answer) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";
    BOOST_TEST(read("HTTP/1.1 100 Continue\r\n\r\n" + answer) == "200 fine|");
    BOOST_TEST(read("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + answer) ==
               "200 fine|");
    BOOST_TEST(read("HTTP/1.1 100 Continue\r\n\r\n") == "not whole");
    BOOST_TEST(read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", true) == "200 |");
    BOOST_TEST(read("HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 is not what follows") ==
               "101 |HTTP/1.1 is not what follows");
}

BOOST_AUTO_TEST_CASE(an_answer_that_comes_byte_by_byte_is_the_same) {
    const std::string text = "HTTP/1.1 100 Continue\r\n\r\n" + chunked + "4;x=y\r\nfine\r\n0\r\nA: b\r\n\r\n";
    answer_reader reader;
    for (std::size_t at = 0; at < text.size(); ++at)
        BOOST_TEST_REQUIRE(reader.feed(text.substr(at, 1)) == (at + 1 == text.size()));
    BOOST_TEST(reader.release().body == "fine");
}

BOOST_AUTO_TEST_CASE(chunks_may_be_cut_anywhere) {
    for (const std::string body :
         {"0\r\n\r\n", "4\r\nfine\r\n0\r\n\r\n", "1\r\nf\r\n3;x=y\r\nine\r\n0\r\nX: y\r\n\r\n"})
        for (std::size_t first = 0; first < body.size(); ++first)
            for (std::size_t second = first; second < body.size(); ++second) {
                answer_reader reader;
                BOOST_TEST(!reader.feed(chunked));
                BOOST_TEST(!reader.feed(body.substr(0, first)));
                BOOST_TEST(!reader.feed(body.substr(first, second - first)));
                BOOST_TEST(reader.feed(body.substr(second) + "more"));
                const http_answer answer = reader.release();
                BOOST_TEST(answer.body == (body.starts_with('0') ? "" : "fine"));
                BOOST_TEST(reader.take_rest() == "more");
            }
}

BOOST_AUTO_TEST_CASE(chunk_extensions_and_trailers_are_bounded) {
    const std::string large(most_head + 1, 'x');
    BOOST_TEST(read(chunked + "4;" + large).starts_with("the server's answer has a head of more than"));
    BOOST_TEST(read(chunked + "0\r\nA: " + large).starts_with("the server's answer has a head of more than"));
    std::string extensions;
    while (extensions.size() < (1U << 20U))
        extensions += "1;" + std::string(1000, 'x') + "\r\na\r\n";
    answer_reader reader;
    reader.feed(chunked);
    const auto flood = [&] {
        for (std::size_t fed = 0; fed < 2 * most_answer; fed += extensions.size())
            reader.feed(extensions);
    };
    BOOST_CHECK_THROW(flood(), cluster_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Lines that are not what they should be: each is counted with what is wrong, and none spoils its neighbours.

#include <boost/test/unit_test.hpp>

#include "support/decoded.hpp"
#include "support/flow_text.hpp"

namespace cpg {

namespace {

using test::decoded;

const std::string good = R"({"flow":{"verdict":"DROPPED","uuid":"good"}})";

std::string problem_of(const std::string& line) {
    const decoded one(line + "\n" + good + "\n");
    BOOST_TEST(one.batch.flows.size() == (one.batch.malformed_count == 0 ? 2u : 1u));
    BOOST_TEST(one.batch.flows.back().uuid == "good");
    return one.problem();
}

std::string line_with(const std::string& members) {
    std::string out = R"({"flow":{"verdict":"DROPPED",)" + members + "}}";
    std::erase(out, '\n');
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decode_odd_suite)

BOOST_AUTO_TEST_CASE(a_member_that_stands_twice_is_malformed) {
    BOOST_TEST(problem_of(line_with(R"("uuid":"a","uuid":"b")")) == "a member stands twice in one object");
    BOOST_TEST(problem_of(line_with(R"("drop_reason":1,"dropReason":2)")) == "a member stands twice in one object");
    BOOST_TEST(problem_of(R"({"flow":{},"flow":{}})") == "a member stands twice in one object");
    BOOST_TEST(problem_of(line_with(R"("source":{"labels":[],"labels":["k8s:app=x"]})")) ==
               "a member stands twice in one object");
}

BOOST_AUTO_TEST_CASE(two_members_of_a_oneof_are_malformed) {
    BOOST_TEST(problem_of(line_with(R"("l4":{"TCP":{},"UDP":{}})")) == "more than one protocol in 'l4'");
    BOOST_TEST(problem_of(line_with(R"("l7":{"http":{},"dns":{}})")) == "more than one record in 'l7'");
}

BOOST_AUTO_TEST_CASE(an_envelope_that_is_a_flow_too_is_malformed) {
    BOOST_TEST(!problem_of(R"({"flow":{},"verdict":"DROPPED"})").empty());
}

BOOST_AUTO_TEST_CASE(values_of_the_wrong_kind_are_malformed) {
    for (const char* members : {R"("l4":[])",
                                R"("l4":"TCP")",
                                R"("source":"x")",
                                R"("source":[])",
                                R"("uuid":{})",
                                R"("uuid":7)",
                                R"("uuid":true)",
                                R"("time":7)",
                                R"("time":"yesterday")",
                                R"("source":{"labels":"k8s:app=x"})",
                                R"("source":{"labels":[1]})",
                                R"("source":{"labels":[["k8s:app=x"]]})",
                                R"("source":{"labels":{}})",
                                R"("source":{"labels":[{}]})",
                                R"("source":{"workloads":["x"]})",
                                R"("is_reply":1)",
                                R"("is_reply":"yes")",
                                R"("l4":{"TCP":{"destination_port":-1}})",
                                R"("l4":{"TCP":{"destination_port":80.5}})",
                                R"("l4":{"TCP":{"destination_port":1e300}})",
                                R"("l4":{"TCP":{"destination_port":"http"}})",
                                R"("l4":{"TCP":{"destination_port":4294967296}})",
                                R"("l4":{"TCP":{"flags":{"SYN":"yes"}}})",
                                R"("destination_names":"a")",
                                R"("destination_names":[7])"})
        BOOST_TEST(!problem_of(line_with(members)).empty(), members);
}

BOOST_AUTO_TEST_CASE(a_port_above_65535_is_read_and_left_to_the_gates) {
    BOOST_TEST(decoded(line_with(R"("l4":{"TCP":{"destination_port":70000}})")).flow().destination_port == 70000u);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_json_says_how_to_capture) {
    for (const char* line :
         {"Jan 14 09:13:41.002: shop/a:1 -> shop/b:2 DENIED", "hello", "42", "\"text\"", "null", "true"})
        BOOST_TEST(problem_of(line).find("hubble observe -o jsonpb") != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(broken_json_is_malformed) {
    for (const char* line :
         {"{", "{}}", R"({"flow":)", R"({"flow":{"verdict":"DROPPED"})", "[]", "[1]",
          R"({"flow":{"verdict":"DROPPED",}})", R"({'flow':{}})", R"({"flow":{"uuid":"\x"}})",
          R"({"flow":{"uuid":"\ud800"}})", R"({"flow":{"drop_reason":01}})", R"({"flow":nul})", "{}", R"({"other":1})"})
        BOOST_TEST(!problem_of(line).empty(), line);
}

BOOST_AUTO_TEST_CASE(of_several_values_in_a_line_those_before_a_broken_one_are_read) {
    const decoded one(good + " " + good + R"( {"flow":{})");
    BOOST_TEST(one.batch.flows.size() == 2u);
    BOOST_TEST(one.batch.malformed_count == 1u);
}

BOOST_AUTO_TEST_CASE(a_line_cut_at_any_byte_is_malformed_and_never_a_crash) {
    const std::string line = line_with(R"("source":{"labels":["k8s:app=\u0061"],"workloads":[{"name":"x"}]},
        "l4":{"TCP":{"destination_port":80,"flags":{"SYN":true}}},"time":"2026-01-14T09:00:00Z")");
    for (std::size_t length = 1; length < line.size(); ++length)
        BOOST_TEST(!problem_of(line.substr(0, length)).empty(), length);
}

BOOST_AUTO_TEST_CASE(any_byte_changed_never_crashes_the_decoder) {
    const std::string line = line_with(R"("source":{"labels":["k8s:app=a"]},"l4":{"TCP":{"destination_port":80}})");
    for (std::size_t at = 0; at < line.size(); ++at)
        for (const char c : {'\0', '"', '{', '}', '[', ']', ',', ':', '\\', '\x80', '9', '-'}) {
            std::string damaged = line;
            damaged[at] = c;
            const decoded one(damaged + "\n" + good);
            BOOST_TEST(one.batch.flows.back().uuid == "good");
        }
}

BOOST_AUTO_TEST_CASE(a_zero_byte_and_invalid_utf8_are_malformed) {
    BOOST_TEST(!problem_of(line_with(std::string("\"uuid\":\"a\0b\"", 12))).empty());
    BOOST_TEST(!problem_of(line_with("\"uuid\":\"a\xff\xfe\"")).empty());
    BOOST_TEST(!problem_of(line_with("\"uuid\":\"a\xc3\"")).empty());
    BOOST_TEST(!problem_of(std::string("\0", 1)).empty());
}

BOOST_AUTO_TEST_CASE(an_escaped_zero_byte_is_text) {
    const decoded one(line_with(R"("uuid":"a\u0000b")"));
    BOOST_TEST(one.flow().uuid == std::string_view("a\0b", 3));
}

BOOST_AUTO_TEST_CASE(nesting_without_end_is_malformed) {
    for (const char open : {'[', '{'}) {
        std::string deep = R"({"flow":{"x":)";
        for (int i = 0; i < 1'000'000; ++i)
            deep += open == '{' ? R"({"a":)" : "[";
        BOOST_TEST(!problem_of(deep).empty());
    }
}

BOOST_AUTO_TEST_CASE(a_line_over_16_mib_is_malformed_and_one_just_below_is_read) {
    const std::string frame = line_with(R"("uuid":"")");
    const std::size_t room = json_decoder::most_line_bytes - frame.size();
    std::string line = line_with("\"uuid\":\"" + std::string(room, 'x') + "\"");
    BOOST_TEST(line.size() == json_decoder::most_line_bytes);
    BOOST_TEST(problem_of(line).empty());
    line.insert(1, " ");
    BOOST_TEST(problem_of(line) == "longer than 16 MiB");
}

BOOST_AUTO_TEST_CASE(blank_lines_crlf_and_a_byte_order_mark_are_no_matter) {
    const decoded one("\xEF\xBB\xBF" + good + "\r\n\r\n   \n\t\n" + good + "\r\n\n");
    BOOST_TEST(one.batch.lines == 2u);
    BOOST_TEST(one.batch.flows.size() == 2u);
    BOOST_TEST(one.batch.malformed_count == 0u);
}

BOOST_AUTO_TEST_CASE(line_numbers_count_blank_lines_and_start_where_the_piece_starts) {
    label_table labels;
    decode_cache cache(labels);
    flow_batch batch;
    batch.bytes = good + "\n\nbad\n" + good + "\nbad";
    json_decoder(cache).decode_lines(batch, 101);
    BOOST_TEST_REQUIRE(batch.malformed.size() == 2u);
    BOOST_TEST(batch.malformed[0].line == 103u);
    BOOST_TEST(batch.malformed[1].line == 105u);
}

BOOST_AUTO_TEST_CASE(of_many_malformed_lines_ten_are_kept_and_all_counted) {
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "bad\n";
    const decoded all(text);
    BOOST_TEST(all.batch.malformed_count == 1000u);
    BOOST_TEST(all.batch.malformed.size() == 10u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

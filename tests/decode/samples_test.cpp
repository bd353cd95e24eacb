// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Every line of the two sample captures, against the table of what it must decode to. The indexes beside the captures
// say what each line is about.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "support/data.hpp"
#include "support/decoded.hpp"
#include "support/flow_text.hpp"

namespace cpg {

namespace {

void check_lines(const std::string& name) {
    const auto lines = test::lines_of(test::data_text(name + ".jsonl"));
    const auto index = test::data_table(name + ".index.tsv");
    const auto expected = test::data_table(name + ".decoded.tsv");
    BOOST_TEST_REQUIRE(lines.size() == index.size());
    BOOST_TEST_REQUIRE(lines.size() == expected.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const test::decoded one(lines[i]);
        BOOST_TEST_CONTEXT("line " << index[i][0] << ", " << index[i][1])
        BOOST_TEST(test::batch_text(one.batch) == expected[i][1]);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decode_samples_suite)

BOOST_AUTO_TEST_CASE(every_line_of_the_sample_capture_decodes_to_what_the_table_says) {
    check_lines("sample-flows");
}

BOOST_AUTO_TEST_CASE(every_odd_line_decodes_to_what_the_table_says) {
    check_lines("sample-flows-odd");
}

BOOST_AUTO_TEST_CASE(verdicts_and_directions_are_those_of_the_index) {
    const auto lines = test::lines_of(test::data_text("sample-flows.jsonl"));
    const auto index = test::data_table("sample-flows.index.tsv");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const test::decoded one(lines[i]);
        const std::string direction = index[i][3] == "INGRESS"  ? "ingress"
                                      : index[i][3] == "EGRESS" ? "egress"
                                                                : "unknown";
        const std::string expected = index[i][2].empty() ? "" : index[i][2] + " " + direction + " ";
        BOOST_TEST(test::batch_text(one.batch).starts_with(expected), "line " << i + 1);
    }
}

BOOST_AUTO_TEST_CASE(the_camel_case_and_the_numeric_line_say_what_the_plain_one_says) {
    const auto lines = test::lines_of(test::data_text("sample-flows.jsonl"));
    const test::decoded camel(lines[54]);
    const test::decoded numeric(lines[55]);
    for (const test::decoded* one : {&camel, &numeric}) {
        BOOST_TEST(one->batch.malformed_count == 0u);
        BOOST_TEST((one->flow().verdict == verdict::dropped));
        BOOST_TEST((one->flow().direction == direction::ingress));
        BOOST_TEST((one->flow().type == flow_type::l3_l4));
        BOOST_TEST(!one->flow().source.labels->selector.empty());
        BOOST_TEST(!one->flow().destination.labels->selector.empty());
        BOOST_TEST(one->flow().destination_port != 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_whole_capture_in_one_batch_is_the_sum_of_its_lines) {
    const test::decoded all(test::data_text("sample-flows.jsonl"));
    BOOST_TEST(all.batch.lines == 57u);
    BOOST_TEST(all.batch.flows.size() == 52u);
    BOOST_TEST(all.batch.lost.size() == 2u);
    BOOST_TEST(all.batch.nodes.size() == 3u);
    BOOST_TEST(all.batch.malformed_count == 0u);
    const test::decoded odd(test::data_text("sample-flows-odd.jsonl"));
    BOOST_TEST(odd.batch.lines == 10u);
    BOOST_TEST(odd.batch.malformed_count == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

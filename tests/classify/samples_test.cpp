// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Every line of the sample captures, against the table of its outcome: the reason why it makes no rule, or the rule.

#include <boost/test/unit_test.hpp>

#include "classify/gates.hpp"
#include "support/data.hpp"
#include "support/decoded.hpp"
#include "support/judgement_text.hpp"

namespace cpg {

namespace {

void check_outcomes(const std::string& name) {
    const gates gates{gate_settings{}};
    const auto lines = test::lines_of(test::data_text(name + ".jsonl"));
    const auto expected = test::data_table(name + ".outcomes.tsv");
    BOOST_TEST_REQUIRE(lines.size() == expected.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const test::decoded one(lines[i]);
        const std::string outcome = one.batch.flows.empty() ? "no flow" : test::judgement_text(gates.judge(one.flow()));
        BOOST_TEST_CONTEXT("line " << expected[i][0] << ", " << expected[i][1])
        BOOST_TEST(outcome == expected[i][2]);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(samples_suite)

BOOST_AUTO_TEST_CASE(every_line_of_the_sample_capture_has_the_fate_of_the_table) {
    check_outcomes("sample-flows");
}

BOOST_AUTO_TEST_CASE(every_odd_line_has_the_fate_of_the_table) {
    check_outcomes("sample-flows-odd");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/document.hpp"

#include <boost/test/unit_test.hpp>

#include "support/evidence_samples.hpp"

namespace cpg {

using namespace test;

BOOST_AUTO_TEST_SUITE(evidence_suite)

BOOST_AUTO_TEST_CASE(counts_add_and_times_widen) {
    evidence_document document = empty_evidence();
    add_session(document, session_at(afternoon_ns, "b"), {{from_frontend(), flows(3, afternoon_ns)}}, {});
    add_session(document, session_at(afternoon_ns - second_ns, "a"),
                {{from_frontend(), flows(2, afternoon_ns - 60 * second_ns)}}, {});
    BOOST_REQUIRE(document.rules.size() == 1u);
    const evidence_rule& rule = document.rules.at("ingress:ep:app=frontend:TCP:8080");
    BOOST_TEST(rule.flow_count == 5u);
    BOOST_TEST(rule.first_seen_ns == afternoon_ns - 60 * second_ns);
    BOOST_TEST(rule.last_seen_ns == afternoon_ns + 2 * second_ns);
    BOOST_TEST(rule.contributing_sessions == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
    BOOST_TEST(document.sessions.back().id == "b");
}

BOOST_AUTO_TEST_CASE(the_newest_samples_stay_and_a_flow_seen_again_is_one_sample) {
    evidence_document document = empty_evidence();
    const evidence_limits limits = {.samples = 4, .sessions = 10};
    add_session(document, session_at(afternoon_ns, "a"), {{from_frontend(), flows(3, afternoon_ns)}}, limits);
    add_session(document, session_at(afternoon_ns + 1, "b"),
                {{from_frontend(), flows(3, afternoon_ns + 2 * second_ns)}}, limits);
    const evidence_rule& rule = document.rules.begin()->second;
    BOOST_TEST(rule.flow_count == 6u);
    BOOST_REQUIRE(rule.samples.size() == 4u);
    for (std::size_t i = 0; i < 4; ++i)
        BOOST_TEST(rule.samples[i].time_ns == afternoon_ns + static_cast<std::int64_t>(4 - i) * second_ns);
}

BOOST_AUTO_TEST_CASE(of_a_thousand_sessions_the_newest_stay_and_rules_forget_the_others) {
    evidence_document document = empty_evidence();
    add_session(document, session_at(afternoon_ns, "first"), {{to_cidr("10.0.0.1/32"), flows(1, afternoon_ns)}}, {});
    for (int i = 0; i < 1000; ++i)
        add_session(document, session_at(afternoon_ns + i + 1, std::to_string(i)),
                    {{from_frontend(), flows(1, afternoon_ns)}}, {});
    BOOST_TEST(document.sessions.size() == 10u);
    BOOST_TEST(document.sessions.front().id == "990");
    BOOST_TEST(document.rules.at("ingress:ep:app=frontend:TCP:8080").flow_count == 1000u);
    BOOST_TEST(document.rules.at("ingress:ep:app=frontend:TCP:8080").contributing_sessions.size() == 10u);
    BOOST_TEST(document.rules.at("ingress:ep:app=frontend:TCP:8080").samples.size() == 1u);
    BOOST_TEST(document.rules.at("egress:cidr:10.0.0.1/32:UDP:123").contributing_sessions.empty());
    BOOST_TEST(document.rules.at("egress:cidr:10.0.0.1/32:UDP:123").flow_count == 1u);
}

// As flushes do it: each adds what the session has so far to what there was before the session.
BOOST_AUTO_TEST_CASE(a_session_that_is_added_to_the_same_base_again_stands_once) {
    evidence_document base = empty_evidence();
    add_session(base, session_at(afternoon_ns - second_ns, "before"), {{from_frontend(), flows(2, afternoon_ns)}}, {});
    for (const std::uint64_t so_far : {3U, 9U}) {
        evidence_document document = base;
        add_session(document, session_at(afternoon_ns, "a"), {{from_frontend(), flows(so_far, afternoon_ns)}}, {});
        BOOST_TEST(document.sessions.size() == 2u);
        const evidence_rule& rule = document.rules.at("ingress:ep:app=frontend:TCP:8080");
        BOOST_TEST(rule.flow_count == 2 + so_far);
        BOOST_TEST(rule.contributing_sessions == (std::vector<std::string>{"before", "a"}),
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_flow_without_a_time_is_not_the_earliest) {
    evidence_document document = empty_evidence();
    const rule_tally timeless{.flow_count = 1, .first_seen_ns = 0, .last_seen_ns = 0, .samples = {}};
    add_session(document, session_at(afternoon_ns, "a"), {{from_frontend(), timeless}}, {});
    BOOST_TEST(document.rules.begin()->second.first_seen_ns == 0);
    add_session(document, session_at(afternoon_ns, "b"), {{from_frontend(), flows(1, afternoon_ns)}}, {});
    BOOST_TEST(document.rules.begin()->second.first_seen_ns == afternoon_ns);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

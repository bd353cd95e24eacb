// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>

#include "policy/merge.hpp"
#include "policy/random_policy.hpp"
#include "policy/rule_tree.hpp"
#include "support/allowed.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

constexpr unsigned rounds = 200;

std::string merged(const std::string& existing, const policy& wanted) {
    const merge_result result = merge_policy(existing, wanted);
    BOOST_TEST_REQUIRE((result.status == merge_status::changed || result.status == merge_status::unchanged),
                       result.problem << "\n"
                                      << existing);
    return result.status == merge_status::changed ? result.text : existing;
}

void check_keeps_and_adds(const std::string& existing, const policy& wanted, const std::string& after) {
    const auto facts = test::allowed_facts(after);
    BOOST_TEST(test::lost_facts(test::allowed_facts(existing), facts) == "");
    BOOST_TEST(test::lost_facts(test::allowed_facts(policy_text(wanted)), facts) == "");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(merge_property_suite)

BOOST_AUTO_TEST_CASE(merging_never_removes_an_allowed_peer_and_port_and_adds_all_that_is_wanted) {
    std::mt19937 random(1);
    for (unsigned i = 0; i < rounds; ++i) {
        const std::string existing = policy_text(test::random_policy(random));
        const policy wanted = test::random_policy(random);
        const std::string after = merged(existing, wanted);
        check_keeps_and_adds(existing, wanted, after);
        BOOST_TEST_REQUIRE(test::joined(test::policy_faults(after)) == "");
    }
}

BOOST_AUTO_TEST_CASE(merging_twice_changes_nothing) {
    std::mt19937 random(2);
    for (unsigned i = 0; i < rounds; ++i) {
        const policy wanted = test::random_policy(random);
        const std::string after = merged(policy_text(test::random_policy(random)), wanted);
        BOOST_TEST_REQUIRE((merge_policy(after, wanted).status == merge_status::unchanged));
    }
}

BOOST_AUTO_TEST_CASE(the_order_of_two_merges_does_not_change_what_is_allowed) {
    std::mt19937 random(3);
    for (unsigned i = 0; i < rounds; ++i) {
        const std::string existing = policy_text(test::random_policy(random));
        const policy a = test::random_policy(random);
        const policy b = test::random_policy(random);
        BOOST_TEST_REQUIRE((test::allowed_facts(merged(merged(existing, a), b)) ==
                            test::allowed_facts(merged(merged(existing, b), a))));
    }
}

BOOST_AUTO_TEST_CASE(a_file_written_by_hand_is_extended_or_left_alone_but_never_narrowed) {
    std::mt19937 random(4);
    unsigned refused = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        const std::string existing = test::handwritten(test::random_policy(random), random);
        const policy wanted = test::random_policy(random);
        const merge_result result = merge_policy(existing, wanted);
        if (result.status == merge_status::refused) {
            ++refused;
            BOOST_TEST_MESSAGE(result.problem << "\n" << existing);
            continue;
        }
        check_keeps_and_adds(existing, wanted, result.status == merge_status::changed ? result.text : existing);
    }
    BOOST_TEST(refused == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

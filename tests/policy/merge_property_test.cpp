// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "policy/merge.hpp"
#include "policy/policy_text.hpp"
#include "policy/random_policy.hpp"
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
    BOOST_TEST(test::lacking_facts(policy_text(wanted), facts) == "");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(merge_property_suite)

BOOST_AUTO_TEST_CASE(merging_never_removes_an_allowed_peer_and_port_and_adds_all_that_is_wanted_once) {
    std::mt19937 random(1);
    for (unsigned i = 0; i < rounds; ++i) {
        const std::string existing = policy_text(test::random_policy(random));
        const policy wanted = test::random_policy(random);
        const std::string after = merged(existing, wanted);
        check_keeps_and_adds(existing, wanted, after);
        BOOST_TEST_REQUIRE(test::joined(test::policy_faults(after)) == "");
        BOOST_TEST_REQUIRE((merge_policy(after, wanted).status == merge_status::unchanged));
    }
}

// Or else the cases here say nothing of lists that are full.
BOOST_AUTO_TEST_CASE(some_of_the_random_policies_have_more_ports_of_a_peer_than_a_list_may_have) {
    std::mt19937 random(2);
    unsigned full = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        const policy made = test::random_policy(random);
        for (const auto* const rules : {&made.ingress, &made.egress})
            full += std::ranges::any_of(*rules, [](const rule& each) { return each.ports.size() > 40; }) ? 1U : 0U;
    }
    BOOST_TEST(full > 0U);
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

BOOST_AUTO_TEST_CASE(parts_of_a_session_merged_one_after_the_other_give_the_bytes_of_the_whole) {
    std::mt19937 random(5);
    for (unsigned i = 0; i < rounds; ++i) {
        std::vector<rule_key> keys = test::random_keys(random, test::with_l7::yes);
        const std::string whole = policy_text(test::built(keys));
        std::ranges::shuffle(keys, random);
        const auto cut = keys.begin() + static_cast<std::ptrdiff_t>(random() % keys.size());
        const policy first = test::built({keys.begin(), cut});
        const policy second = test::built({cut, keys.end()});
        const std::string parts = first.empty() ? policy_text(second) : merged(policy_text(first), second);
        BOOST_TEST_REQUIRE(parts == whole);
    }
}

BOOST_AUTO_TEST_CASE(no_filter_of_a_person_is_narrowed_or_voided_by_ports_requests_or_names) {
    std::mt19937 random(6);
    for (unsigned i = 0; i < rounds; ++i) {
        const auto policy_with_l7 = [&] { return test::built(test::random_keys(random, test::with_l7::yes)); };
        const std::string existing = test::handwritten(policy_with_l7(), random);
        const policy wanted = policy_with_l7();
        const std::string after = merged(existing, wanted);
        const auto before_facts = test::allowed_facts(existing);
        const auto after_facts = test::allowed_facts(after);
        BOOST_TEST_REQUIRE(test::lost_facts(before_facts, after_facts) == "", existing);
        const std::string voided = test::voided_filters(before_facts, after_facts);
        BOOST_TEST_REQUIRE(voided == "", voided << existing << "\n" << after);
        // What a message is made of is computed for tests that pass, too.
        const merge_result again = merge_policy(after, wanted);
        BOOST_TEST_REQUIRE((again.status == merge_status::unchanged), after << "\nAGAIN\n" << again.text);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

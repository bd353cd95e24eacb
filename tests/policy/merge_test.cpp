// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge.hpp"

#include <boost/test/unit_test.hpp>

#include "policy/policy_text.hpp"
#include "policy/read_policy.hpp"
#include "support/data.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

policy wanted() {
    return test::read_policy(test::data_text("merge/default.incoming.yaml"));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(merge_suite)

BOOST_AUTO_TEST_CASE(a_policy_merged_into_itself_is_unchanged) {
    BOOST_TEST((merge_policy(policy_text(wanted()), wanted()).status == merge_status::unchanged));
}

BOOST_AUTO_TEST_CASE(a_policy_of_cpg_for_another_selector_of_the_same_plain_name_takes_the_name) {
    const std::string other = replaced(policy_text(wanted()), "app: cart", "app.kubernetes.io/name: cart");
    BOOST_TEST((merge_policy(other, wanted()).status == merge_status::name_taken));
}

BOOST_AUTO_TEST_CASE(a_file_of_a_person_with_that_name_is_refused_not_taken) {
    const std::string other = replaced(replaced(policy_text(wanted()), "app: cart", "app.kubernetes.io/name: cart"),
                                       "managed-by: cpg", "managed-by: person");
    BOOST_TEST((merge_policy(other, wanted()).status == merge_status::refused));
}

BOOST_AUTO_TEST_CASE(a_comment_that_cpg_wrote_grows_with_its_rule) {
    const std::string before =
        replaced(policy_text(wanted()), "            - port: \"9090\"\n              protocol: TCP\n", "");
    const std::string old = replaced(before, "# TCP/8080, TCP/9090 from", "# TCP/8080 from");
    const merge_result merged = merge_policy(old, wanted());
    BOOST_TEST(merged.text == policy_text(wanted()));
}

BOOST_AUTO_TEST_CASE(a_comment_that_a_person_wrote_stays_when_its_rule_grows) {
    const std::string before =
        replaced(policy_text(wanted()), "# TCP/8080, TCP/9090 from app=frontend", "# the web tier");
    policy more = wanted();
    more.ingress[0].ports.insert({.number = 80, .protocol = l4_protocol::tcp});
    const merge_result merged = merge_policy(before, more);
    BOOST_TEST(merged.text.find("# the web tier\n") != std::string::npos);
    BOOST_TEST(merged.text.find("# TCP/80") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_line_end_that_is_cut_in_two_is_one_line_end) {
    std::string before =
        replaced(policy_text(wanted()), "            - port: \"9090\"\n              protocol: TCP\n", "");
    before = replaced(before, "\n", "\r\n") + "# a person's\r";
    const merge_result merged = merge_policy(before, wanted());
    BOOST_TEST((merged.status == merge_status::changed));
    BOOST_TEST(merged.text.find("\r\r") == std::string::npos);
    BOOST_TEST(merged.text.find("# a person's\r") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_cut_anywhere_is_refused_or_extended_but_never_a_crash) {
    const std::string whole = policy_text(wanted());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const merge_result merged = merge_policy(whole.substr(0, length), wanted());
        if (merged.status != merge_status::changed) continue;
        BOOST_TEST((merge_policy(merged.text, wanted()).status == merge_status::unchanged));
    }
}

BOOST_AUTO_TEST_CASE(any_byte_changed_in_a_file_never_crashes_the_merge) {
    const std::string whole = policy_text(wanted());
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const char c : {'\0', '\n', '\t', '"', '{', '#', '&', '\x80'}) {
            std::string damaged = whole;
            damaged[at] = c;
            const merge_result merged = merge_policy(damaged, wanted());
            BOOST_TEST((merged.status != merge_status::refused || !merged.problem.empty()));
        }
}

BOOST_AUTO_TEST_CASE(the_problem_of_a_file_has_no_control_characters) {
    const merge_result merged = merge_policy("\"a\x1b[31m\": [\n", wanted());
    BOOST_TEST((merged.status == merge_status::refused));
    BOOST_TEST(merged.problem.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_selector_that_names_its_own_namespace_is_the_workloads_and_one_of_another_is_not) {
    const auto file = [](const std::string& pod_namespace) {
        return replaced(policy_text(wanted()), "      app: cart\n",
                        "      any:app: cart\n      k8s:io.kubernetes.pod.namespace: " + pod_namespace + "\n");
    };
    BOOST_TEST((merge_policy(file("shop"), wanted()).status == merge_status::unchanged));
    BOOST_TEST((merge_policy(file("other"), wanted()).status == merge_status::refused));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

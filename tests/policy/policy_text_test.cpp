// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/policy_text.hpp"

#include <boost/test/unit_test.hpp>

#include "policy/build.hpp"
#include "policy/merge.hpp"
#include "policy/own_policy.hpp"
#include "policy/yaml.hpp"
#include "support/allowed.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

constexpr std::size_t small = 6000;

bool none_taken(std::string_view) {
    return false;
}

policy with_peers(int first, int last, peer_kind kind) {
    std::vector<rule_key> keys;
    for (int i = first; i < last; ++i) {
        peer who{.kind = kind, .labels = {}, .name = {}, .names = {}};
        if (kind == peer_kind::endpoint)
            who.labels = {{"app", "peer-" + std::to_string(i)}};
        else
            who.name = "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256) + "/32";
        keys.push_back({direction::ingress, who, l4_protocol::tcp, 443, {}});
    }
    return build_policy("shop", "cart", {{"app", "cart"}}, keys);
}

std::vector<std::string> documents_of(const std::string& text) {
    constexpr std::string_view marker = "---\n";
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(marker, at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end + marker.size();
    }
    return out;
}

std::vector<std::string> names_in(const std::string& text) {
    std::vector<std::string> out;
    for (const tree& document : parse_yaml(text))
        out.emplace_back(document.find("metadata")->text_of("name"));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_text_suite)

BOOST_AUTO_TEST_CASE(a_policy_that_is_too_large_for_an_object_becomes_several_that_say_the_same) {
    for (const peer_kind kind : {peer_kind::endpoint, peer_kind::cidr}) {
        const policy large = with_peers(0, 200, kind);
        const std::string whole = policy_text(large);
        const std::string cut = policy_text(large, none_taken, small);
        BOOST_TEST(names_in(whole).size() == 1u);
        BOOST_TEST(names_in(cut).size() > 1u);
        BOOST_TEST(names_in(cut)[1] == "cpg-cart-2");
        for (const std::string& document : documents_of(cut))
            BOOST_TEST(test::joined(test::policy_faults(document)) == "");
        BOOST_TEST((test::allowed_facts(cut) == test::allowed_facts(whole)));
    }
}

BOOST_AUTO_TEST_CASE(every_part_stays_below_the_size) {
    for (const std::string& document :
         documents_of(policy_text(with_peers(0, 300, peer_kind::endpoint), none_taken, small)))
        BOOST_TEST(document.size() <= small);
}

// Whether one part is enough is told before it is printed, where an escape takes several bytes.
BOOST_AUTO_TEST_CASE(what_is_escaped_counts_as_it_is_printed) {
    std::vector<rule_key> keys;
    for (int i = 0; i < 40; ++i)
        keys.push_back({.direction = direction::ingress,
                        .peer = {.kind = peer_kind::endpoint,
                                 .labels = {{"app", "peer-" + std::to_string(i)}},
                                 .name = {},
                                 .names = {}},
                        .protocol = l4_protocol::tcp,
                        .port = static_cast<std::uint16_t>(8000 + i),
                        .l7 = l7_match::http("GET", "^/" + std::string(200, '\x01') + "$")});
    const policy made = build_policy("shop", "cart", {{"app", "cart"}}, keys);
    const std::size_t whole = policy_text(made).size();
    BOOST_TEST(whole > 40u * 200u * 4u);
    for (std::size_t most = whole / 3; most < whole + 8192; most += 1000)
        for (const std::string& document : documents_of(policy_text(made, none_taken, most)))
            BOOST_TEST(document.size() <= most);
}

BOOST_AUTO_TEST_CASE(a_part_never_takes_the_name_of_another_workload) {
    const auto is_taken = [](std::string_view name) { return name == "cpg-cart-2"; };
    const std::vector<std::string> names =
        names_in(policy_text(with_peers(0, 200, peer_kind::endpoint), is_taken, small));
    BOOST_TEST(names.at(0) == "cpg-cart");
    BOOST_TEST(names.at(1) == "cpg-cart-3");
}

// At the real size, for a merge prints at that.
BOOST_AUTO_TEST_CASE(a_policy_in_parts_is_cpgs_own_and_grows_to_what_one_run_would_have_written) {
    const policy first = with_peers(0, 47'000, peer_kind::cidr);
    const policy all = with_peers(0, 47'010, peer_kind::cidr);
    const std::string before = policy_text(first);
    BOOST_TEST(names_in(before).size() == 2u);
    BOOST_TEST(merge_policy(before, with_peers(47'000, 47'010, peer_kind::cidr)).text == policy_text(all));
    BOOST_TEST((merge_policy(before, first).status == merge_status::unchanged));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Merge extends a file rule by rule, and the judge of verdicts reads it as Cilium does: whether a file allows a policy
// already is one question, and both have one answer.

#include <re2/re2.h>

#include <boost/test/unit_test.hpp>

#include "enforce/allowing.hpp"
#include "enforce/read_policies.hpp"
#include "policy/merge.hpp"
#include "policy/policy_text.hpp"
#include "policy/random_policy.hpp"

namespace cpg {

namespace {

// A few seconds in a debug build; more of them for a longer look.
constexpr unsigned rounds = 100;

// As the API server takes it: ports and labels are strings.
std::string handwritten(const policy& policy, std::mt19937& random) {
    static const RE2 bare(R"re((\b(?:port|app|tier)"?: )([0-9.]+|true))re");
    std::string out = test::handwritten(policy, random);
    RE2::GlobalReplace(&out, bare, R"(\1"\2")");
    return out;
}

bool allow(const std::string& text, const policy& wanted) {
    return allow_all(read_policies({.file = "a.yaml", .namespace_of_folder = {}, .text = text}), wanted);
}

policy with_requests(std::mt19937& random) {
    return test::built(test::random_keys(random, test::with_l7::yes));
}

// Less than all of it, so that files that allow all are not rare.
policy part_of(const std::vector<rule_key>& keys, std::mt19937& random) {
    std::vector<rule_key> some = keys;
    std::ranges::shuffle(some, random);
    some.resize(1 + random() % some.size());
    return test::built(some);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(one_answer)

BOOST_AUTO_TEST_CASE(merge_adds_nothing_where_all_is_allowed_and_then_alone) {
    std::mt19937 random(11);
    unsigned allowed = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        const std::vector<rule_key> keys = test::random_keys(random, test::with_l7::no);
        const std::string existing = handwritten(test::built(keys), random);
        const policy wanted = i % 2 ? part_of(keys, random) : test::random_policy(random);
        const merge_result merged = merge_policy(existing, wanted);
        const bool is_allowed = allow(existing, wanted);
        allowed += is_allowed;
        BOOST_TEST_REQUIRE(is_allowed == (merged.status == merge_status::unchanged), existing << "\nWANTED\n"
                                                                                              << policy_text(wanted));
    }
    BOOST_TEST(allowed >= rounds / 5);
    BOOST_TEST(allowed <= 3 * rounds / 4);
}

// A list without entries restricts nothing, wherever it stands.
BOOST_AUTO_TEST_CASE(what_is_empty_is_read_alike) {
    const std::string port = "{ports: [{port: \"8080\", protocol: TCP}]";
    const auto file = [](const std::string& rest) {
        return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec:\n"
               "  endpointSelector: {matchLabels: {app: cart}}\n  ingress: [{fromEntities: [world], " +
               rest + "}]\n";
    };
    const policy wanted = test::built(
        {{.direction = direction::ingress, .peer = peer::entity("world"), .protocol = l4_protocol::tcp, .port = 8080}});
    for (const auto& [rest, opens] : {std::pair{"toPorts: []", true},
                                      {"icmps: []", true},
                                      {"toPorts: [{ports: []}]", false},
                                      {"icmps: [{fields: []}]", false}}) {
        BOOST_TEST((merge_policy(file(rest), wanted).status == merge_status::unchanged) == opens, rest);
        BOOST_TEST(allow(file(rest), wanted) == opens, rest);
    }
    for (const char* const rules : {"{http: []}", "{kafka: []}"}) {
        const std::string text = file("toPorts: [" + port + ", rules: " + rules + "}]");
        BOOST_TEST((merge_policy(text, wanted).status == merge_status::unchanged), rules);
        BOOST_TEST(allow(text, wanted), rules);
    }
}

BOOST_AUTO_TEST_CASE(what_is_merged_is_allowed) {
    std::mt19937 random(12);
    for (unsigned i = 0; i < rounds; ++i) {
        const std::string existing = handwritten(with_requests(random), random);
        const policy wanted = with_requests(random);
        const merge_result merged = merge_policy(existing, wanted);
        BOOST_TEST_REQUIRE((merged.status == merge_status::changed || merged.status == merge_status::unchanged));
        const std::string& after = merged.status == merge_status::changed ? merged.text : existing;
        BOOST_TEST_REQUIRE(allow(after, wanted), existing << "\nWANTED\n"
                                                          << policy_text(wanted) << "\nAFTER\n"
                                                          << after);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/rule_map.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

namespace cpg {

namespace {

// A few of each member, so that many keys come twice and differ in one member alone.
class made_up_keys {
  public:
    rule_key next() {
        rule_key out{.direction = one_of(direction::ingress, direction::egress),
                     .peer = peer_of(static_cast<peer_kind>(below(4))),
                     .protocol = one_of(l4_protocol::tcp, l4_protocol::udp),
                     .port = static_cast<std::uint16_t>(80 + below(3)),
                     .l7 = {}};
        if (below(3) == 0) out.l7 = {.kind = l7_kind::http, .method = text(), .value = text()};
        return out;
    }

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

  private:
    template <class T>
    T one_of(T a, T b) {
        return below(2) == 0 ? a : b;
    }

    std::string text() { return one_of<std::string>("a", "b"); }

    peer peer_of(peer_kind kind) {
        switch (kind) {
            case peer_kind::endpoint: return {.kind = kind, .labels = {{"app", text()}}, .name = {}, .names = {}};
            case peer_kind::fqdn: return {.kind = kind, .labels = {}, .name = {}, .names = {text(), text()}};
            default: return {.kind = kind, .labels = {}, .name = text(), .names = {}};
        }
    }

    std::mt19937 random_{7};
};

std::vector<rule_key> keys_of(const rule_map& rules) {
    std::vector<rule_key> out;
    for (const rule_map::entry* const each : rules.sorted())
        out.push_back(each->key.get());
    return out;
}

template <class Map>
std::vector<rule_key> keys_in(const Map& rules) {
    std::vector<rule_key> out;
    for (const auto& [key, place] : rules)
        out.push_back(key);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rule_map_suite)

BOOST_AUTO_TEST_CASE(it_is_a_map_in_order) {
    made_up_keys keys;
    for (int round = 0; round < 200; ++round) {
        rule_map rules;
        std::map<rule_key, const rule_state*> expected;
        for (std::size_t left = keys.below(300); left > 0; --left) {
            const rule_key key = keys.next();
            const auto [state, is_new] = rules.try_emplace(key, 0);
            BOOST_REQUIRE(is_new == !expected.contains(key));
            BOOST_REQUIRE(expected.try_emplace(key, &state).first->second == &state);
        }
        BOOST_REQUIRE(rules.size() == expected.size());
        BOOST_REQUIRE(keys_of(rules) == keys_in(expected));
        const std::size_t most = keys.below(100) + 1;
        rules.keep_first(most);
        if (expected.size() > most)
            expected.erase(std::next(expected.begin(), static_cast<long>(most)), expected.end());
        BOOST_REQUIRE(keys_of(rules) == keys_in(expected));
        for (const auto& [key, state] : expected)
            BOOST_REQUIRE(!rules.try_emplace(key, 0).second);
    }
}

BOOST_AUTO_TEST_CASE(none_is_none) {
    rule_map rules;
    BOOST_TEST(rules.empty());
    BOOST_TEST(rules.sorted().empty());
    rules.keep_first(0);
    BOOST_TEST(rules.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

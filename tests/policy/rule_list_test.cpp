// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/rule_list.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "policy/yaml.hpp"

namespace cpg {

namespace {

constexpr port http{.number = 80, .protocol = l4_protocol::tcp};
constexpr port https{.number = 443, .protocol = l4_protocol::tcp};

const std::string to_80 = "toPorts: [{ports: [{port: \"80\", protocol: TCP}]}]";
const std::string to_443 = "toPorts: [{ports: [{port: \"443\", protocol: TCP}]}]";

// Egress rules of a policy in namespace shop.
class rules_of {
  public:
    explicit rules_of(const std::string& rules)
        : spec_(parse_yaml("egress: [" + rules + "]").at(0)),
          specs_{&spec_},
          list_(specs_, direction::egress, "shop") {}

    const peer_rules& operator()(const peer& peer) const { return list_.of(peer); }
    const rule_list& all() const { return list_; }

  private:
    tree spec_;
    std::array<const tree*, 1> specs_;
    rule_list list_;
};

std::string to_endpoints(const std::string& labels, const std::string& rest) {
    return "{toEndpoints: [{matchLabels: {" + labels + "}}], " + rest + "}";
}

const peer web = peer::endpoint(selector{{"app", "web"}});
const peer outside = peer::cidr("203.0.113.7/32");

}  // namespace

BOOST_AUTO_TEST_SUITE(rule_list_suite)

BOOST_AUTO_TEST_CASE(a_rule_that_names_a_peer_as_cpg_would_may_be_extended_for_it) {
    const rules_of rules(to_endpoints("app: web", to_80) + ", " + to_endpoints("app: db", to_443));
    BOOST_TEST(rules.all().all().size() == 2u);
    BOOST_REQUIRE(rules(web).exactly().size() == 1u);
    BOOST_TEST(rules(web).opens(http));
    BOOST_TEST(!rules(web).opens(https));
    BOOST_TEST(rules(web).opened_only_by(*rules(web).exactly()[0], http));
}

BOOST_AUTO_TEST_CASE(a_rule_for_several_peers_opens_for_each_and_is_none_s_own) {
    const rules_of rules("{toEndpoints: [{matchLabels: {app: web}}, {matchLabels: {app: db}}], " + to_80 + "}");
    BOOST_TEST(rules(web).opens(http));
    BOOST_TEST(rules(web).applying().size() == 1u);
    BOOST_TEST(rules(web).exactly().empty());
}

BOOST_AUTO_TEST_CASE(what_is_wider_applies_and_is_not_the_peer_s_own) {
    const rules_of rules("{toEndpoints: [{}], " + to_80 + "}, {toCIDR: [203.0.113.0/24], " + to_443 + "}");
    BOOST_TEST(rules(web).opens(http));
    BOOST_TEST(rules(web).exactly().empty());
    BOOST_TEST(rules(outside).opens(https));
    BOOST_TEST(!rules(outside).opens(http));
    BOOST_TEST(!rules(peer::cidr("203.0.114.7/32")).opens(https));
}

// Fewer labels than the peer's take it in, more may not.
BOOST_AUTO_TEST_CASE(a_selector_takes_in_peers_with_further_labels) {
    const peer front = peer::endpoint(selector{{"app", "web"}, {"tier", "front"}});
    const rules_of rules(to_endpoints("app: web", to_80) + ", " + to_endpoints("app: web, tier: front", to_443));
    BOOST_TEST(rules(front).opens(http));
    BOOST_TEST(rules(front).opens(https));
    BOOST_TEST(rules(front).exactly().size() == 1u);
    BOOST_TEST(!rules(web).opens(https));
}

BOOST_AUTO_TEST_CASE(a_rule_without_peers_is_for_everybody_and_an_empty_one_for_nobody) {
    const rules_of rules("{" + to_80 + "}, {}");
    BOOST_TEST(rules(web).opens(http));
    BOOST_TEST(rules(outside).opens(http));
    BOOST_TEST(rules(web).applying().empty());
    BOOST_TEST(!rules(web).opens(https));
    BOOST_TEST(!rules_of("{}")(web).opens(http));
}

BOOST_AUTO_TEST_CASE(a_rule_with_two_kinds_of_peers_is_nobody_s_for_certain) {
    const rules_of rules("{toEndpoints: [{matchLabels: {app: web}}], toCIDR: [203.0.113.7/32], " + to_80 + "}");
    BOOST_TEST(!rules(web).opens(http));
    BOOST_TEST(!rules(outside).opens(http));
}

BOOST_AUTO_TEST_CASE(a_port_with_a_filter_is_let_through_and_not_opened) {
    const rules_of rules(to_endpoints("app: web",
                                      "toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: "
                                      "[{method: GET, path: \"^/a$\"}]}}]"));
    BOOST_TEST(!rules(web).opens(http));
    BOOST_TEST(rules(web).lets_through(http));
    BOOST_TEST(rules(web).allows(http, l7_match::http("GET", "^/a$")));
    BOOST_TEST(!rules(web).allows(http, l7_match::http("GET", "^/b$")));
}

// The answer is kept for the peer that was asked about last, and for no other.
BOOST_AUTO_TEST_CASE(peers_may_be_asked_about_in_turns) {
    const rules_of rules(to_endpoints("app: web", to_80) + ", {toCIDR: [203.0.113.7/32], " + to_443 + "}");
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(rules(web).opens(http));
        BOOST_TEST(!rules(web).opens(https));
        BOOST_TEST(rules(outside).opens(https));
        BOOST_TEST(!rules(outside).opens(http));
    }
}

BOOST_AUTO_TEST_CASE(a_port_that_two_rules_open_is_opened_only_by_neither) {
    const rules_of rules(to_endpoints("app: web", to_80) + ", {toEndpoints: [{}], " + to_80 + "}");
    BOOST_REQUIRE(rules(web).exactly().size() == 1u);
    BOOST_TEST(!rules(web).opened_only_by(*rules(web).exactly()[0], http));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

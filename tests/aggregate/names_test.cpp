// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What flows tell of DNS servers, the cluster's domain and the names of addresses.

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>

#include "aggregate/aggregator.hpp"
#include "classify/gates.hpp"
#include "support/sample_flow.hpp"

namespace cpg {

namespace {

gate_settings by_name(bool fqdn = true) {
    gate_settings out;
    out.l7 = true;
    out.fqdn = fqdn;
    return out;
}

const gates all_names(by_name());

class traffic {
  public:
    flow& to(std::string_view pod_namespace, const std::string& app, l4_protocol protocol, std::uint32_t port) {
        flow& out = fresh();
        out.direction = direction::egress;
        out.source = sample().pod(pod_namespace, {"k8s:app=" + app});
        out.protocol = protocol;
        out.destination_port = port;
        return out;
    }

    flow& query(std::string_view pod_namespace, const std::string& app, std::string_view name) {
        flow& out = to(pod_namespace, app, l4_protocol::udp, 5353);
        out.destination = sample().pod("openshift-dns", {"k8s:dns.operator.openshift.io/daemonset-dns=default"});
        out.verdict = verdict::forwarded;
        out.type = flow_type::l7;
        out.l7 = l7_record::dns;
        out.l7_type = l7_type::request;
        out.dns_query = name;
        return out;
    }

    flow& world(std::string_view pod_namespace, const std::string& app, std::string_view ip) {
        flow& out = to(pod_namespace, app, l4_protocol::tcp, 443);
        out.destination = sample().other("", {"reserved:world"});
        out.destination_ip = ip;
        return out;
    }

    // Adds the flows in this order.
    void add_to(aggregator& state, const std::vector<std::size_t>& order) const {
        for (const std::size_t i : order) {
            const flow& each = samples_[i]->flow;
            if (const auto answer = all_names.answer_in(each)) state.add_answer(*answer);
            const judgement judged = all_names.judge(each);
            if (judged.outcome == outcome::kept) state.add(judged.candidate, "");
        }
    }

    std::vector<std::size_t> order() const {
        std::vector<std::size_t> out;
        for (std::size_t i = 0; i < samples_.size(); ++i)
            out.push_back(i);
        return out;
    }

    test::sample_flow& sample() { return *samples_.back(); }

  private:
    flow& fresh() {
        samples_.push_back(std::make_unique<test::sample_flow>());
        return samples_.back()->flow;
    }

    std::vector<std::unique_ptr<test::sample_flow>> samples_;
};

std::string told(const workload_snapshot& snapshot) {
    constexpr std::array by = {"workload", "namespace", "cluster", "nobody"};
    std::string out =
        snapshot.key.pod_namespace + "/" + snapshot.name + " " + by[static_cast<std::size_t>(snapshot.names.by)];
    for (const dns_server& each : snapshot.names.servers)
        out += " " + describe(each.peer) + ":" + std::to_string(each.port);
    for (const auto& [domain, labels] : snapshot.names.domains)
        out += " " + domain;
    for (const auto& [address, lists] : snapshot.names.addresses)
        for (const name_list& each : lists)
            out += " " + address + "=" + each.front();
    return out;
}

std::vector<std::string> all_told(aggregator& state) {
    std::vector<std::string> out;
    for (const workload_snapshot& each : state.snapshots(flush_scope::everything))
        out.push_back(told(each));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(names_suite)

BOOST_AUTO_TEST_CASE(a_workload_tells_itself_its_namespace_and_its_cluster_in_any_order) {
    traffic seen;
    seen.query("shop", "a", "redis.shop.svc.corp.internal");
    seen.world("shop", "b", "203.0.113.1");
    seen.world("data", "c", "203.0.113.1");
    const std::string server = "dns.operator.openshift.io/daemonset-dns=default in namespace openshift-dns:5353";
    const std::vector<std::string> expected = {"data/c cluster " + server + " corp.internal",
                                               "shop/a workload " + server + " corp.internal",
                                               "shop/b namespace " + server + " corp.internal"};
    std::vector<std::size_t> order = seen.order();
    do {
        aggregator state(0);
        seen.add_to(state, order);
        BOOST_TEST(all_told(state) == expected, boost::test_tools::per_element());
    } while (std::ranges::next_permutation(order).found);
}

BOOST_AUTO_TEST_CASE(what_another_shard_knows_changes_a_workload_that_has_names) {
    traffic seen;
    seen.world("shop", "b", "203.0.113.1").destination_names = {};
    flow& named = seen.world("data", "c", "203.0.113.1");
    constexpr std::array<std::string_view, 1> names = {"pay.example"};
    named.destination_names = names;
    aggregator state(0);
    seen.add_to(state, seen.order());
    BOOST_TEST(all_told(state).front() == "data/c nobody 203.0.113.1/32=pay.example");
    traffic elsewhere;
    elsewhere.query("jobs", "d", "a.example");
    aggregator other(0);
    elsewhere.add_to(other, {0});
    BOOST_TEST(state.snapshots(flush_scope::new_rules).empty());
    const auto changed = state.snapshots(flush_scope::new_rules, other.names());
    BOOST_TEST_REQUIRE(changed.size() == 1u);
    BOOST_TEST((changed[0].names.by == told_by::its_cluster));
    BOOST_TEST(state.snapshots(flush_scope::new_rules, other.names()).empty());
}

BOOST_AUTO_TEST_CASE(an_answer_names_an_address_and_makes_no_workload) {
    traffic seen;
    constexpr std::array<std::string_view, 2> ips = {"203.0.113.1", "no address"};
    flow& answer = seen.query("shop", "a", "Pay.Example.");
    std::swap(answer.source, answer.destination);
    answer.l7_type = l7_type::response;
    answer.is_reply = tristate::yes;
    answer.dns_ips = ips;
    aggregator alone(0);
    seen.add_to(alone, {0});
    BOOST_TEST(all_told(alone).empty());
    seen.world("shop", "a", "203.0.113.1");
    std::vector<std::size_t> order = seen.order();
    do {
        aggregator state(0);
        seen.add_to(state, order);
        BOOST_TEST(all_told(state).at(0) == "shop/a nobody 203.0.113.1/32=pay.example");
    } while (std::ranges::next_permutation(order).found);
    BOOST_TEST(!gates(by_name(false)).answer_in(answer).has_value());
    gate_settings elsewhere = by_name();
    elsewhere.namespaces = {"data"};
    BOOST_TEST(!gates(elsewhere).answer_in(answer).has_value());
}

BOOST_AUTO_TEST_CASE(what_most_workloads_show_is_the_domain_and_one_alone_does_not_make_a_top_level_one) {
    traffic seen;
    seen.query("shop", "a", "x.shop.svc.corp.internal");
    seen.query("shop", "b", "x.shop.svc.corp.internal");
    seen.query("shop", "b", "x.shop.svc.ec2.internal");
    aggregator state(0);
    seen.add_to(state, seen.order());
    BOOST_TEST(state.names().domain_of("") == "corp.internal");
    traffic hostile;
    hostile.query("shop", "a", "x.shop.svc.com");
    aggregator other(0);
    hostile.add_to(other, {0});
    BOOST_TEST(other.names().domain_of("") == "");
}

BOOST_AUTO_TEST_CASE(a_cluster_that_shows_no_domain_has_that_of_the_others) {
    name_knowledge known;
    known.add_domain("east", "corp.internal");
    known.add_domain("north", "corp.internal");
    known.add_domain("south", "other.internal");
    BOOST_TEST(known.domain_of("west") == "corp.internal");
    BOOST_TEST(known.domain_of("south") == "other.internal");
    BOOST_TEST(name_knowledge().domain_of("west") == "");
}

BOOST_AUTO_TEST_CASE(of_too_many_servers_the_first_in_order_are_kept) {
    std::vector<dns_server_place> places(40);
    for (std::size_t i = 0; i < places.size(); ++i)
        places[i].server.port = static_cast<std::uint16_t>(100 + i);
    name_knowledge up;
    name_knowledge down;
    for (const dns_server_place& each : places)
        up.add_server("east", "shop", each);
    std::ranges::reverse(places);
    for (const dns_server_place& each : places)
        down.add_server("east", "shop", each);
    BOOST_TEST((up == down));
    BOOST_TEST(up.servers_of_namespace("east", "shop")->size() == limits::dns_servers);
    BOOST_TEST(up.servers_of_cluster("west") == nullptr);
    up.add(down);
    BOOST_TEST((up == down));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

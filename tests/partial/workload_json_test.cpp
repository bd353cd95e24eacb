// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/workload_json.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "partial/part.hpp"

namespace cpg {

namespace {

constexpr std::size_t samples = 4;

std::shared_ptr<const sample_endpoint> end(const std::string& pod) {
    return std::make_shared<const sample_endpoint>(
        sample_endpoint{.pod_namespace = "shop", .workload = "cart", .pod = pod, .ip = "10.0.0.1"});
}

rule_key rule(std::uint16_t port) {
    return {.direction = direction::ingress,
            .peer = peer::endpoint({{"app", "web"}}),
            .protocol = l4_protocol::tcp,
            .port = port,
            .l7 = {}};
}

workload_key cart() {
    return {.pod_namespace = "shop", .selector = {{"app", "cart"}}};
}

rule_sums sums(const std::string& pod) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return {.packets = {.counted = std::numeric_limits<std::uint64_t>::max(),
                        .by_node = false,
                        .places = {{.place = ~std::uint64_t{0}, .node = ~std::uint32_t{0}, .drops = -most - 1}}},
            .first_seen_ns = -most - 1,
            .last_seen_ns = most,
            .samples = {{.time_ns = most, .source = end(pod), .destination = end("b"), .drop_reason = "POLICY_DENIED"}},
            .pods = {.subjects = {"app=cart,tier=a"}, .peers = {"app=web", "app=web,canary="}}};
}

std::string line_of(const std::string& pod) {
    workload of;
    of.rules.try_emplace(rule(80), samples).first.add(sums(pod));
    of.cluster = "prod";
    of.domains.emplace("prod", "corp.internal");
    of.known_as[*parse_address("203.0.113.7")].shown.insert({"api.example.com"});
    of.servers.insert({.peer = peer::entity("host"), .port = 53});
    return workload_line(cart(), of);
}

std::string problem_of(const std::string& line) {
    try {
        read_workload(line, samples);
        return "";
    } catch (const part_error& error) {
        return error.what();
    }
}

std::string with(std::string text, std::string_view old, std::string_view replacement) {
    const std::size_t at = text.find(old);
    BOOST_TEST_REQUIRE(at != std::string::npos, old);
    return text.replace(at, old.size(), replacement);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(workload_json_suite)

BOOST_AUTO_TEST_CASE(a_workload_is_read_as_it_was_with_numbers_of_64_bits_and_bytes_of_any_kind) {
    for (const std::string pod : {"a", "\xff\xfe no UTF-8", "\"quoted\\\n\t\x01", "\xe2\x82\xac"}) {
        const std::string line = line_of(pod);
        BOOST_TEST(line.find('\n') == std::string::npos);
        const auto read = read_workload(line, samples);
        BOOST_TEST((read.first == cart()));
        BOOST_TEST(read.second.name == "cart");
        const rule_sums got = read.second.rules.sorted().at(0)->state.sums();
        const rule_sums wanted = sums(pod);
        BOOST_TEST((got.packets == wanted.packets));
        BOOST_TEST(got.first_seen_ns == wanted.first_seen_ns);
        BOOST_TEST(got.last_seen_ns == wanted.last_seen_ns);
        BOOST_TEST((got.samples == wanted.samples));
        BOOST_TEST((got.pods.subjects == wanted.pods.subjects));
        BOOST_TEST((got.pods.peers == wanted.pods.peers));
        BOOST_TEST(workload_line(read.first, read.second) == line);
    }
}

BOOST_AUTO_TEST_CASE(what_no_flow_could_have_made_is_refused_with_a_reason) {
    const std::string line = line_of("a");
    const std::vector<std::array<std::string, 3>> cases = {{
        {R"("namespace":"shop")", R"("namespace":"../shop")", "is no name of a namespace"},
        {R"("namespace":"shop")", R"("namespace":7)", "is no text"},
        {R"([["app","cart"]])", "[]", "\"selector\" is empty"},
        {R"([["app","cart"]])", R"([["app","a/b"]])", "are none that Kubernetes takes"},
        {R"([["app","cart"]])", R"([["b","x"],["a","y"]])", "are not sorted"},
        {R"(["endpoint",[["app","web"]]])", R"(["endpoint",[]])", "the peer has no labels"},
        {R"(["endpoint",[["app","web"]]])", R"(["cidr","0.0.0.0/0"])", "the address is none"},
        {R"(["endpoint",[["app","web"]]])", R"(["entity","all"])", "the entity is unknown"},
        {R"(["endpoint",[["app","web"]]])", R"(["fqdn",["*"]])", "no sorted names of DNS"},
        {R"(["endpoint",[["app","web"]]])", R"(["fqdn",["a.example"]])", "a name without a query"},
        {R"("TCP",80,null)", R"("TCP",0,null)", "the port is 0"},
        {R"("TCP",80,null)", R"("TCP",65536,null)", "more than 65535"},
        {R"("TCP",80,null)", R"("TCP",8e1,null)", "no whole number"},
        {R"("TCP",80,null)", R"("TCP",80,["http","get","^/$"])", "the method is none"},
        {R"("TCP",80,null)", R"("TCP",80,["http","GET",".*"])", "no pattern"},
        {R"("TCP",80,null)", R"("UDP",80,["http","GET","^/$"])", "not over TCP"},
        {R"("TCP",80,null)", R"("VRRP",80,null)", "the protocol is unknown"},
        {R"("ingress")", R"("sideways")", "neither ingress nor egress"},
        {"POLICY_DENIED", "NO_SUCH_REASON", "the drop reason of a sample is unknown"},
        {"ffffffffffffffff", "fffffffffffffff", "the hashes of connections are none"},
        {"ffffffffffffffff", "ffffffffffffffffffffffffffffffff", "stands twice"},
        {R"("cluster":"prod")", R"("cluster":"../x")", "no name of one"},
        {R"("corp.internal")", R"("corp internal")", "the domain is no name"},
        {R"("203.0.113.7/32")", R"("203.0.113.7/24")", "the address is none"},
        {"api.example.com", "API.example.com", "the names of an address are none"},
        {R"("ends":)", R"("fins":)", "\"ends\" is missing"},
        {R"([0],[1,2])", R"([0],[1,3])", "more than 2"},
        {"}", "", "it is no JSON"},
    }};
    for (const auto& [old, replacement, problem] : cases) {
        const std::string said = problem_of(with(line, old, replacement));
        BOOST_TEST(said.find(problem) != std::string::npos, old << " as " << replacement << ": " << said);
    }
}

BOOST_AUTO_TEST_CASE(nesting_without_end_is_refused) {
    BOOST_TEST(problem_of(std::string(100'000, '[')) != "");
}

BOOST_AUTO_TEST_CASE(a_header_keeps_options_and_totals) {
    part_header header;
    header.cpg_version = "1.2.3";
    header.options.gates.namespaces = {"shop"};
    header.options.gates.window.since_ns = 1'768'381'918'104'233'871;
    header.options.gates.ignored_protocols = {l4_protocol::udp, l4_protocol::tcp};
    header.options.gates.l7 = true;
    header.options.select_by = {{"a", "b"}, {"c"}};
    header.options.samples = 3;
    header.totals.counts.flows = 9'007'199'254'740'993;
    header.totals.pods.insert({.pod_namespace = "shop", .cluster = "", .labels = {{"app", "cart"}}});
    header.totals.inputs = {.first = "a \"b\"\n", .count = 2};
    header.totals.counts.health_drops[find_drop_reason("CT_MAP_INSERTION_FAILED")] = {
        .count = 2, .by_node = {{"n", 2}}, .by_workload = {{"shop/cart", 2}}};
    const std::string line = header_line(header);
    const part_header read = read_header(line);
    BOOST_TEST(header_line(read) == line);
    BOOST_TEST(read.totals.counts.flows == 9'007'199'254'740'993u);
    BOOST_TEST(!difference_of(read.options, header.options));
    part_options other = header.options;
    other.select_by = {{"c"}};
    const auto difference = difference_of(header.options, other);
    BOOST_TEST_REQUIRE(difference.has_value());
    BOOST_TEST(difference->option == "--select-by");
    BOOST_TEST(difference->first == R"(["a+b","c"])");
    BOOST_TEST(difference->second == R"(["c"])");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

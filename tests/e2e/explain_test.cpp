// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The real binary: replay first, explain after. CPG names it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <regex>
#include <set>
#include <vector>

#include "e2e/explain_fixture.hpp"

namespace cpg {

namespace fs = std::filesystem;
using test::explain_fixture;
using test::has;
using test::outcome;
using test::read_text;
using test::without_session;

namespace {

// `TCP/8080 from app=frontend`, one for each port in the comments over the rules of a policy.
std::set<std::string> rules_of_policy(const std::string& yaml) {
    static const std::regex comment("\n    # ([^\n]*?) ((from|to) [^\n]*)");
    static const std::regex port("[^, ]+");
    std::set<std::string> out;
    for (std::sregex_iterator each(yaml.begin(), yaml.end(), comment), end; each != end; ++each) {
        const std::string ports = (*each)[1];
        for (std::sregex_iterator one(ports.begin(), ports.end(), port); one != end; ++one)
            out.insert(one->str() + " " + (*each)[2].str());
    }
    return out;
}

// The same from what explain prints.
std::set<std::string> rules_of_explain(const std::string& text) {
    static const std::regex rule("\n(In|E)gress rule\n  Peer: +([^\n]*) \\((\\w+)\\)\n[^:]*: +(\\d+)/(\\w+)\n");
    std::set<std::string> out;
    for (std::sregex_iterator each(text.begin(), text.end(), rule), end; each != end; ++each)
        out.insert((*each)[5].str() + "/" + (*each)[4].str() + ((*each)[1] == "In" ? " from " : " to ") +
                   ((*each)[3] == "entity" ? "entity " : "") + (*each)[2].str());
    return out;
}

const std::string golden = R"(Policy: cpg-api-server (production)
Latest session: … (source: replay)
Times: UTC

Ingress rule
  Peer:        app=blackbox in namespace monitoring (endpoint)
  ICMP type:   8/ICMPv4
  Flow count:  1
  First seen:  2026-04-24 14:03:00
  Last seen:   2026-04-24 14:03:00

  Sample flows:
    14:03:00  monitoring/blackbox → production/api-server  ICMPv4/8

Ingress rule
  Peer:        app=cart (endpoint)
  Port:        8081/TCP
  L7:          HTTP GET /api/v1/search with any query
  Flow count:  1
  First seen:  2026-04-24 14:05:01
  Last seen:   2026-04-24 14:05:01

  Sample flows:
    14:05:01  production/cart → production/api-server  TCP/8081

Ingress rule
  Peer:        app=cart (endpoint)
  Port:        8081/TCP
  L7:          HTTP GET /api/v1/users
  Flow count:  1
  First seen:  2026-04-24 14:05:00
  Last seen:   2026-04-24 14:05:00

  Sample flows:
    14:05:00  production/cart → production/api-server  TCP/8081

Ingress rule
  Peer:        app=frontend in namespace default (endpoint)
  Port:        8080/TCP
  Flow count:  3
  First seen:  2026-04-24 14:02:11
  Last seen:   2026-04-24 14:15:48

  Sample flows:
    14:15:48  default/frontend → production/api-server  TCP/8080
    14:07:30  default/frontend → production/api-server  TCP/8080
    14:02:11  default/frontend → production/api-server  TCP/8080

Egress rule
  Peer:        203.0.113.7/32 (cidr)
  Port:        443/TCP
  Flow count:  1
  First seen:  2026-04-24 14:04:00
  Last seen:   2026-04-24 14:04:00

  Sample flows:
    14:04:00  production/api-server → 203.0.113.7  TCP/443

Egress rule
  Peer:        api.example.com (fqdn)
  Port:        53/UDP
  L7:          DNS api.example.com
  Flow count:  1
  First seen:  2026-04-24 14:06:00
  Last seen:   2026-04-24 14:06:00

  Sample flows:
    14:06:00  production/api-server → kube-system/coredns  UDP/53
)";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(explain_e2e_suite, explain_fixture)

BOOST_AUTO_TEST_CASE(by_name_and_by_file_the_text_is_this) {
    replay("--l7");
    const outcome by_name = run("explain production/api-server");
    BOOST_TEST(by_name.status == 0);
    BOOST_TEST(without_session(by_name.out) == golden);
    BOOST_TEST(run("explain policies/production/api-server.yaml").out == by_name.out);
    fs::create_directory(dir / "elsewhere");
    BOOST_TEST(run("explain elsewhere/../policies/production/api-server.yaml").out == by_name.out);
    BOOST_TEST(run("explain production/api-server -o ./policies/").out == by_name.out);
}

BOOST_AUTO_TEST_CASE(every_rule_of_a_policy_has_evidence_and_the_other_way_round) {
    BOOST_REQUIRE(run("replay '" + std::string(EXAMPLES) + "/shop.jsonl'").status == 0);
    std::size_t rules = 0;
    for (const auto& each : fs::recursive_directory_iterator(dir / "policies")) {
        if (!each.is_regular_file()) continue;
        const std::set<std::string> in_policy = rules_of_policy(read_text(each.path()));
        const outcome explained = run("explain '" + each.path().string() + "'");
        BOOST_TEST(in_policy == rules_of_explain(explained.out), boost::test_tools::per_element());
        rules += in_policy.size();
    }
    BOOST_TEST(rules > 10u);
}

BOOST_AUTO_TEST_CASE(filters_choose_rules) {
    replay("--l7");
    const auto keys = [&](const std::string& filter) {
        const outcome shown = run("explain production/api-server --json " + filter);
        BOOST_TEST(shown.status == 0);
        std::string out;
        static const std::regex key("\"key\": \"([^\"]*)\"");
        for (std::sregex_iterator each(shown.out.begin(), shown.out.end(), key), end; each != end; ++each)
            out += (*each)[1].str() + "\n";
        return out;
    };
    const std::string frontend = "ingress:ep:app=frontend,io.kubernetes.pod.namespace=default:TCP:8080\n";
    const std::string world = "egress:cidr:203.0.113.7/32:TCP:443\n";
    const std::string users = "ingress:ep:app=cart:TCP:8081:http:GET:^/api/v1/users$\n";
    const std::string dns = "egress:fqdn:api.example.com:UDP:53:dns:api.example.com\n";
    BOOST_TEST(keys("--port 8080") == frontend);
    BOOST_TEST(keys("--ingress --peer app=frontend") == frontend);
    BOOST_TEST(keys("--egress --peer app=frontend") == "");
    BOOST_TEST(keys("--peer-cidr 203.0.113.0/24") == world);
    BOOST_TEST(keys("--http-path /api/v1/users") == users);
    BOOST_TEST(keys("--http-path '^/api/v1/users$' --http-method get") == users);
    BOOST_TEST(keys("--dns-pattern API.example.com.") == dns);
    BOOST_TEST(keys("--egress") == world + dns);
    BOOST_TEST(keys("--since 1s") == "");
    BOOST_TEST(keys("--since 876000h --port 443") == world);
}

BOOST_AUTO_TEST_CASE(without_a_match_the_rules_are_listed) {
    replay();
    const outcome text = run("explain production/api-server --port 1");
    BOOST_TEST(text.status == 0);
    BOOST_TEST(has(text.out,
                   "\nNo rule matches the filters. The rules there are:\n"
                   "  ingress  app=blackbox in namespace monitoring (endpoint)  8/ICMPv4\n"
                   "  ingress  app=frontend in namespace default (endpoint)     8080/TCP\n"
                   "  egress   203.0.113.7/32 (cidr)                            443/TCP\n"));
    const outcome json = run("explain production/api-server --port 1 --json");
    BOOST_TEST(json.status == 0);
    BOOST_TEST(has(json.out, "\"matched_rules\": []"));
    BOOST_TEST(has(json.err, "no rule matches the filters"));
}

BOOST_AUTO_TEST_CASE(json_and_yaml_have_the_three_members) {
    replay();
    const std::string json = run("explain production/api-server --json --samples-limit 1 --port 8080").out;
    BOOST_TEST(json.rfind("{\n  \"policy\": {\n    \"name\": \"cpg-api-server\",", 0) == 0u);
    BOOST_TEST(has(json, "\n  \"sessions\": [\n"));
    BOOST_TEST(has(json, "\n  \"matched_rules\": [\n"));
    BOOST_TEST(std::ranges::count(std::string_view(json), '\n') < 80);
    const std::string yaml = run("explain production/api-server --format yaml").out;
    BOOST_TEST(yaml.rfind("policy:\n  name: cpg-api-server\n", 0) == 0u);
    BOOST_TEST(has(yaml, "\nmatched_rules:\n  - key: "));
    BOOST_TEST(run("explain production/api-server --format json").out ==
               run("explain production/api-server --json").out);
}

BOOST_AUTO_TEST_CASE(a_wrong_command_line_is_told_before_anything_is_read) {
    for (const char* words :
         {"production/api-server --port x", "production/api-server --port 0", "production/api-server --port 65536",
          "production/api-server --peer app", "production/api-server --peer-cidr 10.0.0.0/33",
          "production/api-server --since never", "production/api-server --format xml",
          "production/api-server --json --format yaml", "production/api-server --samples-limit -1",
          "production/api-server --ingress --egress", "API-server", "a/b/c", "../etc/passwd", "production/", "''",
          "production/api-server more", "production/api-server --evidence-dir ''"}) {
        const outcome done = run(std::string("explain ") + words);
        BOOST_TEST(done.status == 2, words);
        BOOST_TEST(done.out.empty());
        BOOST_TEST(std::ranges::count(done.err, '\n') == 1);
    }
    BOOST_TEST(!fs::exists(dir / "cache"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

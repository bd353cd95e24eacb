// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The real binary: replay first, explain after. CPG_BINARY names it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdio>
#include <regex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "e2e/explain_fixture.hpp"

namespace cpg {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::capture;
using test::explain_fixture;
using test::has;
using test::outcome;
using test::read_text;
using test::write_text;

namespace {

// What differs between two runs by their nature.
std::string without_session(std::string text) {
    text = std::regex_replace(text, std::regex("\"(id|started_at|ended_at|file)\": \"[^\"]*\""), "\"$1\": \"…\"");
    text = std::regex_replace(text, std::regex("\"\\d{4}-\\d\\d-\\d\\dT[0-9:]*Z-[0-9a-f]{4}\""), "\"…\"");
    return std::regex_replace(text, std::regex("Latest session: [^(]*\\("), "Latest session: … (");
}

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

BOOST_AUTO_TEST_CASE(without_evidence_it_says_where_it_looked_and_what_to_run) {
    const outcome none = run("explain production/api-server");
    BOOST_TEST(none.status == 3);
    BOOST_TEST(none.out.empty());
    BOOST_TEST(
        has(none.err, "no evidence for production/api-server: looked for " + (dir / "cache/cpg/evidence/").string()));
    BOOST_TEST(has(none.err, "cpg replay CAPTURE --output-dir policies"));
    replay("--no-evidence");
    BOOST_TEST(evidence().empty());
    BOOST_TEST(run("explain policies/production/api-server.yaml").status == 3);
}

BOOST_AUTO_TEST_CASE(a_dry_run_leaves_nothing_behind) {
    replay("--dry-run");
    BOOST_TEST(evidence().empty());
    BOOST_TEST(!fs::exists(dir / "cache"));
    BOOST_TEST(!fs::exists(dir / "policies"));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_policy_is_told) {
    write_text(dir / "production/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n");
    const outcome other = run("explain production/web.yaml");
    BOOST_TEST(other.status == 3);
    BOOST_TEST(has(other.err, "has no CiliumNetworkPolicy"));
    write_text(dir / "production/web.yaml", "a: [");
    BOOST_TEST(has(run("explain production/web.yaml").err, "is no YAML"));
    const outcome missing = run("explain production/none.yaml");
    BOOST_TEST(missing.status == 3);
    BOOST_TEST(has(missing.err, "there is no file"));
}

BOOST_AUTO_TEST_CASE(another_schema_version_and_damage_are_told_with_the_command_that_clears_them) {
    replay();
    const fs::path path = evidence_of_api();
    write_text(path, R"({"schema_version": 1})");
    const outcome old = run("explain production/api-server");
    BOOST_TEST(old.status == 3);
    BOOST_TEST(has(old.err, "schema version 1, and this cpg reads version 2; clear it with: rm -r '"));
    write_text(path, "{");
    BOOST_TEST(has(run("explain production/api-server").err, "clear it with: rm '" + path.string() + "'"));
    const outcome again = run("replay '" + capture + "'");
    BOOST_TEST(again.status == 3);
    BOOST_TEST(has(again.err, "evidence not written"));
    BOOST_TEST(has(again.err, "\"policies_failed\": 0"));
    BOOST_TEST(read_text(path) == "{");
}

BOOST_AUTO_TEST_CASE(sessions_add_up) {
    replay();
    replay();
    const std::string json = run("explain production/api-server --json --port 8080").out;
    BOOST_TEST(has(json, "\"flow_count\": 6"));
    static const std::regex id("\"id\": ");
    BOOST_TEST(std::distance(std::sregex_iterator(json.begin(), json.end(), id), std::sregex_iterator()) == 2);
    static const std::regex time("\"time\": ");
    BOOST_TEST(std::distance(std::sregex_iterator(json.begin(), json.end(), time), std::sregex_iterator()) == 3);
    replay("--evidence-sessions 1 --evidence-samples 2");
    const std::string less = run("explain production/api-server --json --port 8080").out;
    BOOST_TEST(std::distance(std::sregex_iterator(less.begin(), less.end(), id), std::sregex_iterator()) == 1);
    BOOST_TEST(std::distance(std::sregex_iterator(less.begin(), less.end(), time), std::sregex_iterator()) == 2);
}

BOOST_AUTO_TEST_CASE(the_order_of_the_flows_and_the_flushes_change_nothing) {
    replay("--l7");
    const auto files = evidence();
    std::vector<std::string> expected;
    for (const fs::path& each : files)
        expected.push_back(without_session(read_text(each)));
    BOOST_REQUIRE(expected.size() == 3u);
    std::vector<std::string> lines;
    std::istringstream text(read_text(capture));
    for (std::string line; std::getline(text, line);)
        lines.push_back(line);
    for (int round = 0; round < 3; ++round) {
        std::ranges::rotate(lines, lines.begin() + 2 + round);
        std::swap(lines[0], lines[3]);
        std::string shuffled;
        for (const std::string& line : lines)
            shuffled += line + "\n";
        write_text(dir / "shuffled.jsonl", shuffled);
        fs::remove_all(dir / "cache");
        fs::remove_all(dir / "policies");
        BOOST_TEST(run("replay --l7 shuffled.jsonl --flush-interval 1ms").status == 0);
        BOOST_REQUIRE((evidence() == files));
        for (std::size_t i = 0; i < files.size(); ++i)
            BOOST_TEST(without_session(read_text(files[i])) == expected[i]);
    }
}

BOOST_AUTO_TEST_CASE(an_archive_from_another_machine_is_found_by_its_folder) {
    replay();
    const std::string before = run("explain production/api-server").out;
    fs::rename(dir / "cache/cpg/evidence", dir / "archive");
    fs::rename(dir / "policies", dir / "checkout");
    BOOST_TEST(run("explain production/api-server").status == 3);
    const outcome by_name = run("explain production/api-server -o checkout --evidence-dir archive");
    BOOST_TEST(by_name.out == before);
    BOOST_TEST(has(by_name.err, "the evidence of another output directory"));
    BOOST_TEST(run("explain checkout/production/api-server.yaml --evidence-dir archive").out == before);
    const std::string hash = fs::directory_iterator(dir / "archive")->path().string();
    BOOST_TEST(run("explain production/api-server --evidence-dir '" + hash + "'").out == before);
    fs::create_directories(dir / "review");
    fs::copy(dir / "checkout/production/api-server.yaml", dir / "review/new.yaml");
    BOOST_TEST(run("explain review/new.yaml --evidence-dir archive").out == before);
    fs::copy(hash, dir / "archive/0123456789ab", fs::copy_options::recursive);
    const outcome two = run("explain production/api-server -o checkout --evidence-dir archive");
    BOOST_TEST(two.status == 3);
    BOOST_TEST(has(two.err, "there is evidence for other output directories: "));
    BOOST_TEST(has(two.err, "/0123456789ab"));
    BOOST_TEST(has(two.err, (dir / "policies").string()));
    BOOST_TEST(has(two.err, ": name one with --output-dir, or a folder of evidence with --evidence-dir"));
}

BOOST_AUTO_TEST_CASE(evidence_that_cannot_be_written_never_stops_policies) {
    write_text(dir / "cache", "a file in its place");
    const outcome done = run("replay '" + capture + "'");
    BOOST_TEST(done.status == 0);
    BOOST_TEST(has(done.err, "no evidence is kept"));
    BOOST_TEST(fs::exists(dir / "policies/production/api-server.yaml"));
    const outcome named = run("replay '" + capture + "' --evidence-dir cache");
    BOOST_TEST(named.status == 3);
    BOOST_TEST(has(named.err, "--no-evidence"));
}

BOOST_AUTO_TEST_CASE(a_second_cpg_on_the_same_folder_waits_and_gives_up) {
    // Close-on-exec: the second process must not hold the first one's input open.
    FILE* const first = ::popen(command("replay - >first.out 2>&1").c_str(), "we");
    BOOST_REQUIRE(first);
    for (int i = 0; i < 500 && !fs::exists(dir / "policies"); ++i)
        std::this_thread::sleep_for(10ms);
    const auto start = std::chrono::steady_clock::now();
    const outcome second = run("replay '" + capture + "'");
    BOOST_TEST((std::chrono::steady_clock::now() - start < 30s));
    BOOST_TEST(second.status == 3);
    BOOST_TEST(has(second.err, "waiting for another cpg to end"));
    BOOST_TEST(has(second.err, "is writing to policies"));
    BOOST_TEST(run("replay '" + capture + "' --dry-run").status == 0);
    BOOST_TEST(run("replay '" + capture + "' -o other").status == 0);
    const std::string flows = read_text(capture);
    BOOST_TEST(std::fwrite(flows.data(), 1, flows.size(), first) == flows.size());
    BOOST_TEST(::pclose(first) == 0);
    BOOST_TEST(fs::exists(dir / "policies/production/api-server.yaml"));
}

BOOST_AUTO_TEST_CASE(a_second_cpg_takes_over_when_the_first_ends) {
    FILE* const first = ::popen(command("replay - >first.out 2>&1").c_str(), "we");
    BOOST_REQUIRE(first);
    for (int i = 0; i < 500 && !fs::exists(dir / "policies"); ++i)
        std::this_thread::sleep_for(10ms);
    std::thread ending([&] {
        std::this_thread::sleep_for(500ms);
        const std::string flows = read_text(capture);
        std::fwrite(flows.data(), 1, flows.size(), first);
        ::pclose(first);
    });
    const outcome second = run("replay '" + capture + "'");
    ending.join();
    BOOST_TEST(second.status == 0, second.err);
    BOOST_TEST(has(run("explain production/api-server --port 8080").out, "Flow count:  6"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

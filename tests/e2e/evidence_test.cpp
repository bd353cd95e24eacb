// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The evidence that the real binary keeps and finds again: over sessions, machines and other runs on the same folder.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <regex>
#include <sstream>
#include <vector>

#include "e2e/explain_fixture.hpp"
#include "support/patience.hpp"
#include "support/run_cpg.hpp"

namespace cpg {

namespace fs = std::filesystem;
using test::capture;
using test::explain_fixture;
using test::has;
using test::outcome;
using test::read_text;
using test::without_session;
using test::write_text;

BOOST_FIXTURE_TEST_SUITE(evidence_e2e_suite, explain_fixture)

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

// The first cpg has its folder from the beginning on, and ends when its input does.
struct two_at_once : explain_fixture {
    test::run_settings settings(bool pipe_input) const {
        test::run_settings out;
        out.dir = dir.path();
        out.environment = {{"XDG_CACHE_HOME", (dir / "cache").string()}, {"TZ", "UTC"}};
        out.pipe_input = pipe_input;
        return out;
    }
    void end_first() {
        first.write_input(read_text(capture));
        first.close_input();
        const test::run_result ran = first.wait();
        BOOST_TEST(ran.exit_code == 0, ran.err);
    }

    test::running_cpg first{{"replay", "-"}, settings(true)};
    const bool has_begun = test::eventually([this] { return fs::exists(dir / "policies"); });
};

BOOST_FIXTURE_TEST_CASE(a_second_cpg_on_the_same_folder_waits_and_gives_up, two_at_once) {
    BOOST_REQUIRE(has_begun);
    const outcome second = run("replay '" + capture + "'");
    BOOST_TEST(second.status == 3);
    BOOST_TEST(has(second.err, "waiting for another cpg to end"));
    BOOST_TEST(has(second.err, "is writing to policies"));
    BOOST_TEST(run("replay '" + capture + "' --dry-run").status == 0);
    BOOST_TEST(run("replay '" + capture + "' -o other").status == 0);
    end_first();
    BOOST_TEST(fs::exists(dir / "policies/production/api-server.yaml"));
}

BOOST_FIXTURE_TEST_CASE(a_second_cpg_takes_over_when_the_first_ends, two_at_once) {
    BOOST_REQUIRE(has_begun);
    test::running_cpg second({"replay", capture}, settings(false));
    BOOST_TEST(second.wait_for("waiting for another cpg to end"));
    end_first();
    const test::run_result ran = second.wait();
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(run("explain production/api-server --port 8080").out, "Flow count:  6"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

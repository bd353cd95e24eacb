// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The real binary: what may be asked for, and what is said of a policy file that has changed since. CPG names
// it.
#include <boost/test/unit_test.hpp>

#include "e2e/explain_fixture.hpp"
#include "support/flow_line.hpp"

namespace cpg {

namespace fs = std::filesystem;
using test::explain_fixture;
using test::has;
using test::outcome;
using test::read_text;
using test::write_text;

namespace {

// One flow that was dropped at its source: loki in obs to ceph-rgw in rook on TCP/8080.
const std::string loki_flow =
    test::line_of({.time = "2026-04-24T14:02:00Z",
                   .port = 8080,
                   .source = test::pod_end("obs", {"k8s:app.kubernetes.io/name=loki"}),
                   .destination = test::pod_end("rook", {"k8s:app.kubernetes.io/name=ceph-rgw"}),
                   .event = R"({"type":1})",
                   .ingress = false});

// As a person wrote it: another name, no namespace, no label.
constexpr const char* loki_policy = R"(apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: loki-allow
spec:
  endpointSelector:
    matchLabels:
      app.kubernetes.io/name: loki
  egress:
    # object storage
    - toEndpoints:
        - matchLabels:
            io.kubernetes.pod.namespace: rook
            app.kubernetes.io/name: ceph-rgw
      toPorts:
        - ports:
            - port: "80"
              protocol: TCP
    - toServices:
        - k8sService: {serviceName: "x\e[2J"}
)";

void replace(std::string& text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    BOOST_REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), by);
}

struct targets_fixture : explain_fixture {
    void replay_loki() const {
        write_text(dir / "policies/obs/loki.yaml", loki_policy);
        write_text(dir / "loki.jsonl", loki_flow);
        const outcome done = run("replay loki.jsonl");
        BOOST_REQUIRE_MESSAGE(done.status == 0, done.err);
    }
    fs::path policy_of_api() const { return dir / "policies/production/api-server.yaml"; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(explain_targets_suite, targets_fixture)

BOOST_AUTO_TEST_CASE(a_policy_of_any_name_is_asked_for_by_its_file) {
    replay_loki();
    const outcome done = run("explain policies/obs/loki.yaml");
    BOOST_TEST(done.status == 0, done.err);
    BOOST_TEST(has(done.out, "Egress rule\n  Peer:        app.kubernetes.io/name=ceph-rgw in namespace rook"));
    BOOST_TEST(has(done.out,
                   "\nRules without evidence:\n"
                   "  egress   app.kubernetes.io/name=ceph-rgw in namespace rook (endpoint)  80/TCP\n"
                   "  egress   a rule that cpg does not write so, line 21\n"));
    BOOST_TEST(run("explain obs/loki").out == done.out);
}

BOOST_AUTO_TEST_CASE(a_file_without_namespace_is_of_the_folder_that_it_lies_in) {
    replay();
    std::string text = read_text(policy_of_api());
    replace(text, "  namespace: production\n", "");
    fs::create_directories(dir / "copy/production");
    write_text(dir / "copy/production/renamed.yaml", text);
    BOOST_TEST(run("explain copy/production/renamed.yaml -o policies").status == 0);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_gone_or_broken_leaves_its_evidence) {
    replay();
    const std::string before = run("explain production/api-server").out;
    write_text(policy_of_api(), "a: [");
    BOOST_TEST(run("explain policies/production/api-server.yaml").out == before);
    fs::remove(policy_of_api());
    BOOST_TEST(run("explain policies/production/api-server.yaml").out == before);
    BOOST_TEST(run("explain production/api-server").out == before);
    BOOST_TEST(!has(run("explain production/api-server --json").out, "rules_without_evidence"));
}

BOOST_AUTO_TEST_CASE(rules_that_are_no_longer_in_the_file_are_marked) {
    replay();
    BOOST_TEST(!has(run("explain production/api-server").out, "no longer"));
    BOOST_TEST(has(run("explain production/api-server --json").out, "\"rules_without_evidence\": []"));
    std::string text = read_text(policy_of_api());
    replace(text, "\"8080\"", "\"8443\"");
    write_text(policy_of_api(), text);
    const std::string out = run("explain production/api-server").out;
    BOOST_TEST(has(out, "Ingress rule (no longer in the policy)\n  Peer:        app=frontend in namespace default"));
    BOOST_TEST(has(out, "\nEgress rule\n"));
    BOOST_TEST(
        has(out, "Rules without evidence:\n  ingress  app=frontend in namespace default (endpoint)  8443/TCP\n"));
    const std::string json = run("explain production/api-server --json --port 8080").out;
    BOOST_TEST(has(json, "\"in_policy\": false"));
    BOOST_TEST(has(json, "\"rules_without_evidence\": []"));
    BOOST_TEST(has(run("explain production/api-server --format yaml").out, "in_policy: false"));
    BOOST_TEST(!has(run("explain production/api-server --egress").out, "without evidence"));
}

BOOST_AUTO_TEST_CASE(a_policy_in_a_file_of_another_name_is_compared_too) {
    replay();
    std::string text = read_text(policy_of_api());
    fs::remove(policy_of_api());
    replace(text, "\"8080\"", "\"8443\"");
    write_text(dir / "policies/production/all.yaml", text);
    BOOST_TEST(has(run("explain production/api-server").out, "(no longer in the policy)"));
    BOOST_TEST(has(run("explain policies/production/all.yaml").out, "(no longer in the policy)"));
}

BOOST_AUTO_TEST_CASE(without_a_workload_those_with_evidence_are_listed) {
    replay("--l7");
    replay_loki();
    const outcome all = run("explain");
    BOOST_TEST(all.status == 0, all.err);
    BOOST_TEST(has(all.out, "\nobs/loki  "));
    BOOST_TEST(has(all.out, "\nproduction/api-server     6 rules  last seen 2026-04-24 14:15:48\n"));
    const outcome one = run("explain obs");
    BOOST_TEST(one.out == "Times: UTC\n\nobs/loki     1 rule   last seen 2026-04-24 14:02:00\n");
    BOOST_TEST(has(run("explain production --port 8080").out, "production/api-server     1 rule "));
    const std::string json = run("explain obs --json").out;
    BOOST_TEST(json ==
               "{\n  \"workloads\": [\n    {\n      \"namespace\": \"obs\",\n      \"workload\": \"loki\",\n"
               "      \"rules\": 1,\n      \"last_seen\": \"2026-04-24T14:02:00Z\"\n    }\n  ]\n}\n");
    BOOST_TEST(has(run("explain obs --format yaml").out, "workloads:\n  - namespace: obs\n"));
    const outcome none = run("explain obs --port 1");
    BOOST_TEST(none.status == 0);
    BOOST_TEST(none.out.empty());
    BOOST_TEST(has(none.err, "no rule matches the filters"));
}

BOOST_AUTO_TEST_CASE(damaged_evidence_hides_no_other_workload) {
    replay("--l7");
    replay_loki();
    write_text(evidence_of_api(), "{");
    const outcome done = run("explain");
    BOOST_TEST(done.status == 0);
    BOOST_TEST(has(done.out, "obs/loki"));
    BOOST_TEST(has(done.err, "evidence that can't be read"));
}

BOOST_AUTO_TEST_CASE(near_names_are_told) {
    replay();
    for (const char* each : {"production/api-sevrer", "production/api", "other/api-server"}) {
        const outcome done = run(std::string("explain ") + each);
        BOOST_TEST(done.status == 3);
        BOOST_TEST(has(done.err, "did you mean production/api-server"), each);
    }
    const outcome space = run("explain prodction");
    BOOST_TEST(space.status == 3);
    BOOST_TEST(has(space.err, "did you mean production?"));
    BOOST_TEST(has(space.err, "cpg replay CAPTURE --output-dir policies"));
}

BOOST_AUTO_TEST_CASE(other_output_directories_are_named_by_their_path_three_at_most) {
    for (const char* each : {"a", "b", "c", "d", "e"})
        replay(std::string("-o ") + each);
    for (const char* words : {"explain", "explain production", "explain production/api-server"}) {
        const outcome done = run(words);
        BOOST_TEST(done.status == 3);
        BOOST_TEST(has(done.err, "there is evidence for other output directories: " + dir.path().string() + "/"));
        BOOST_TEST(has(done.err, " and 2 more: name one with --output-dir;"));
    }
    BOOST_TEST(run("explain -o d").status == 0);
}

BOOST_AUTO_TEST_CASE(no_path_of_an_output_directory_steers_the_terminal) {
    replay("-o \"$(printf 'a\\033[2J')\"");
    const outcome done = run("explain");
    BOOST_TEST(done.status == 3);
    BOOST_TEST(has(done.err, "a\\u001b[2J: name one with --output-dir"));
    BOOST_TEST(done.err.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_archive_is_listed_by_its_folder) {
    replay();
    const std::string before = run("explain").out;
    fs::rename(dir / "cache/cpg/evidence", dir / "archive");
    const outcome done = run("explain -o checkout --evidence-dir archive");
    BOOST_TEST(done.out == before);
    BOOST_TEST(has(done.err, "the evidence of another output directory"));
    const std::string hash = fs::directory_iterator(dir / "archive")->path().string();
    BOOST_TEST(run("explain --evidence-dir '" + hash + "'").out == before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

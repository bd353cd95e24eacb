// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/file.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "support/evidence_samples.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

using namespace test;

namespace {

evidence_document full_evidence() {
    evidence_document document = empty_evidence();
    rule_key http = from_frontend();
    http.l7 = l7_match::http("GET", "^/a\\.b$");
    rule_key dns = to_cidr("");
    dns.peer = peer::fqdn({"a.example.com"});
    dns.l7 = l7_match::dns("a.example.com");
    rule_key ping = from_frontend(8);
    ping.protocol = l4_protocol::icmpv4;
    rule_key host = from_frontend();
    host.peer = peer::entity("host");
    rule_key named = to_cidr("");
    named.peer = peer::fqdn({"a.example.com", "b.example.com"});
    add_session(document, session_at(afternoon_ns, "2026-04-24T14:00:00Z-a1b2"),
                {{from_frontend(), flows(2, afternoon_ns)},
                 {http, flows(1, afternoon_ns)},
                 {dns, flows(1, afternoon_ns + 1)},
                 {ping, flows(1, afternoon_ns)},
                 {host, flows(1, afternoon_ns)},
                 {named, {.flow_count = 1, .samples = {}, .addresses = {"198.51.100.9/32", "2001:db8::9/128"}}},
                 {to_cidr("2001:db8::1/128"), {.flow_count = 1, .first_seen_ns = 0, .last_seen_ns = 0, .samples = {}}}},
                {});
    return document;
}

std::string why_not(const std::string& text) {
    try {
        parse_evidence(text);
    } catch (const evidence_error& error) {
        return error.what();
    }
    return "accepted";
}

constexpr std::string_view one_rule = R"({
  "schema_version": 2,
  "policy": {
    "name": "cpg-api",
    "namespace": "prod",
    "workload": "api"
  },
  "sessions": [
    {
      "id": "2026-04-24T14:00:00Z-a1b2",
      "started_at": "2026-04-24T14:00:00Z",
      "ended_at": "2026-04-24T14:13:00Z",
      "cpg_version": "1.0.0",
      "source": {
        "type": "replay",
        "file": "capture.jsonl"
      },
      "flows_ingested": 100,
      "flows_unhandled": 7
    }
  ],
  "rules": [
    {
      "key": "ingress:ep:app=frontend:TCP:8080",
      "direction": "ingress",
      "peer": {
        "type": "endpoint",
        "labels": {
          "app": "frontend"
        }
      },
      "port": "8080",
      "protocol": "TCP",
      "flow_count": 1,
      "first_seen": "2026-04-24T14:00:00Z",
      "last_seen": "2026-04-24T14:00:00Z",
      "contributing_sessions": [
        "2026-04-24T14:00:00Z-a1b2"
      ],
      "samples": [
        {
          "time": "2026-04-24T14:00:00Z",
          "src": {
            "namespace": "default",
            "workload": "frontend",
            "pod": "frontend-1",
            "ip": "10.0.0.1"
          },
          "dst": {
            "namespace": "prod",
            "workload": "api",
            "pod": "api-1",
            "ip": "10.0.0.2"
          },
          "port": 8080,
          "protocol": "TCP",
          "verdict": "DROPPED",
          "drop_reason": "POLICY_DENIED"
        }
      ]
    }
  ]
}
)";

}  // namespace

BOOST_AUTO_TEST_SUITE(evidence_file_suite)

BOOST_AUTO_TEST_CASE(the_bytes_are_those_of_schema_2) {
    evidence_document document = empty_evidence();
    add_session(document, session_at(afternoon_ns, "2026-04-24T14:00:00Z-a1b2"),
                {{from_frontend(), flows(1, afternoon_ns)}}, {});
    BOOST_TEST(evidence_json(document) == one_rule);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_and_written_the_same) {
    const evidence_document document = full_evidence();
    const std::string text = evidence_json(document);
    const evidence_document back = parse_evidence(text);
    BOOST_TEST((back == document));
    BOOST_TEST(evidence_json(back) == text);
    BOOST_TEST(text.find("null") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(rules_are_sorted_by_direction_and_key) {
    const std::string text = evidence_json(full_evidence());
    std::string before;
    std::size_t rules = 0;
    for (std::size_t at = text.find("\"key\": "); at != std::string::npos; at = text.find("\"key\": ", at + 1)) {
        const std::string key = text.substr(at, text.find('\n', at) - at);
        BOOST_TEST((before < key), key);
        before = key;
        ++rules;
    }
    BOOST_TEST(rules == 7u);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf8_or_steers_a_terminal_is_escaped) {
    evidence_document document = empty_evidence();
    rule_tally flow = flows(1, afternoon_ns);
    flow.samples[0].source = end({.pod_namespace = {},
                                  .workload = {},
                                  .pod = "a\xff\x1b[2J\xe2\x80\xae"
                                         "b\xc2\x9b",
                                  .ip = {}});
    add_session(document, session_at(afternoon_ns, "a"), {{from_frontend(), flow}}, {});
    const std::string text = evidence_json(document);
    BOOST_TEST(text.find('\x1b') == std::string::npos);
    BOOST_TEST(text.find("a\xEF\xBF\xBD\\u001b[2J\\u202eb\\u009b") != std::string::npos);
    const evidence_document back = parse_evidence(text);
    BOOST_TEST(back.rules.begin()->second.samples[0].source.pod ==
               "a\xEF\xBF\xBD\x1b[2J\xe2\x80\xae"
               "b\xc2\x9b");
}

BOOST_AUTO_TEST_CASE(unknown_members_and_missing_ones_are_borne_with) {
    const evidence_document document = parse_evidence(
        R"({"schema_version":2,"new":1,"policy":{"name":"cpg-api","x":[]},"sessions":null,"rules":[{"direction":"egress",
        "peer":{"type":"entity","entity":"host"},"port":"1","protocol":"UDP","later":{}}]})");
    BOOST_TEST(document.rules.contains("egress:entity:host:UDP:1"));
}

BOOST_AUTO_TEST_CASE(damage_is_told_by_member) {
    const std::string head = R"({"schema_version":2,"policy":{},"rules":[)";
    const std::string peer = R"("peer":{"type":"entity","entity":"host"})";
    BOOST_TEST(why_not("").find("no JSON") != std::string::npos);
    BOOST_TEST(why_not(std::string(one_rule.substr(0, 300))).find("no JSON") != std::string::npos);
    BOOST_TEST(why_not("[]").find("no object") != std::string::npos);
    BOOST_TEST(why_not("{}").find("schema_version is missing") != std::string::npos);
    BOOST_TEST(why_not(R"({"schema_version":2})").find("policy is missing") != std::string::npos);
    BOOST_TEST(why_not(head + "7]}").find("rule is no object") != std::string::npos);
    BOOST_TEST(why_not(head + "{" + peer + "}]}").find("direction is neither") != std::string::npos);
    BOOST_TEST(why_not(head + R"({"direction":"",)" + peer + "}]}").find("direction is neither") != std::string::npos);
    BOOST_TEST(why_not(head + R"({"direction":"egress","protocol":"TCP","port":"65536",)" + peer + "}]}")
                   .find("port is no port") != std::string::npos);
    BOOST_TEST(
        why_not(head + R"({"direction":"egress","protocol":"TCP","port":"1","first_seen":"yesterday",)" + peer + "}]}")
            .find("first_seen is no time") != std::string::npos);
    BOOST_TEST(why_not(head + R"({"direction":"egress","protocol":"TCP","port":"1","flow_count":-1,)" + peer + "}]}")
                   .find("flow_count is no count") != std::string::npos);
    BOOST_TEST(why_not(std::string(100'000, '[')).find("no JSON") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_cut_of_a_file_is_refused) {
    for (std::size_t length = 0; length + 2 < one_rule.size(); length += 7)
        BOOST_TEST(why_not(std::string(one_rule.substr(0, length))) != "accepted");
}

BOOST_AUTO_TEST_CASE(another_schema_version_names_the_command_that_clears_it) {
    const temp_dir dir;
    write_text(dir / "0123456789ab/prod/api.json", R"({"schema_version": 1})");
    try {
        read_evidence(dir / "0123456789ab/prod/api.json");
        BOOST_FAIL("version 1 was read");
    } catch (const evidence_error& error) {
        const std::string what = error.what();
        BOOST_TEST(what.find("schema version 1") != std::string::npos);
        BOOST_TEST(what.find("rm -r '" + (dir / "0123456789ab").string() + "'") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_huge_file_is_refused_unread_and_an_empty_one_is_none) {
    const temp_dir dir;
    write_text(dir / "huge.json", "{");
    std::filesystem::resize_file(dir / "huge.json", most_evidence_bytes + 1);
    BOOST_CHECK_THROW(read_evidence(dir / "huge.json"), evidence_error);
    write_text(dir / "empty.json", "");
    BOOST_TEST(!read_evidence(dir / "empty.json").has_value());
    BOOST_TEST(!read_evidence(dir / "none.json").has_value());
}

BOOST_AUTO_TEST_CASE(only_the_user_may_read_it) {
    const temp_dir dir;
    const auto path = dir / "a/b/c.json";
    ::umask(0);
    folder to(dir / "a", evidence_modes);
    write_evidence(to, "b/c.json", empty_evidence());
    ::umask(022);
    using std::filesystem::perms;
    BOOST_TEST((std::filesystem::status(path).permissions() == (perms::owner_read | perms::owner_write)));
    BOOST_TEST((std::filesystem::status(dir / "a").permissions() == perms::owner_all));
    BOOST_TEST((std::filesystem::status(dir / "a/b").permissions() == perms::owner_all));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

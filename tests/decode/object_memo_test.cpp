// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/object_memo.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>

#include "base/text.hpp"
#include "decode/json_decoder.hpp"
#include "support/data.hpp"
#include "support/flow_text.hpp"

namespace cpg {

namespace {

std::string text_of(const endpoint& end) {
    std::string out = std::to_string(end.present) + " " + std::to_string(end.identity);
    for (const std::string_view text : {end.pod_namespace, end.pod_name, end.workload, end.cluster})
        out += " " + std::string(text);
    for (const auto& [key, value] : end.labels->selector)
        out += " " + key + "=" + value;
    return out;
}

// What a line says, to a decoder that has seen those before it.
class reader {
  public:
    std::string read(std::string line) {
        flow_batch batch;
        batch.bytes = std::move(line);
        json_decoder(cache_).decode_lines(batch, 1);
        std::string out = batch.malformed.empty() ? "" : batch.malformed[0].problem;
        for (const flow& each : batch.flows)
            out += test::flow_text(each) + " | " + text_of(each.source) + " | " + text_of(each.destination) + "\n";
        return out;
    }

  private:
    label_table labels_;
    decode_cache cache_{labels_};
};

std::string read_alone(const std::string& line) {
    return reader().read(line);
}

std::string pod(const std::string& name) {
    return R"({"identity":1234,"cluster_name":"prod","namespace":"shop","labels":["k8s:app=web","k8s:tier=front"],)"
           R"("pod_name":")" +
           name + R"(","workloads":[{"name":"web","kind":"Deployment"}]})";
}

std::string flow_of(const std::string& source, const std::string& destination) {
    return R"({"flow":{"verdict":"DROPPED","source":)" + source + R"(,"destination":)" + destination +
           R"(,"Type":"L3_L4"}})";
}

void check_same(const std::vector<std::string>& lines) {
    reader all;
    for (int pass = 0; pass < 3; ++pass)
        for (const std::string& line : lines)
            BOOST_TEST(all.read(line) == read_alone(line), line);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(object_memo_suite)

BOOST_AUTO_TEST_CASE(an_endpoint_that_is_known_reads_as_one_that_is_not) {
    for (const char* name : {"sample-flows.jsonl", "sample-flows-odd.jsonl", "explain.jsonl"}) {
        const std::string text = test::data_text(name);
        std::vector<std::string> lines;
        for (const std::string_view line : split(text, '\n'))
            lines.emplace_back(line);
        check_same(lines);
    }
}

BOOST_AUTO_TEST_CASE(replicas_that_begin_alike_are_told_apart) {
    std::vector<std::string> lines;
    for (int i = 0; i < 40; ++i)
        lines.push_back(flow_of(pod("web-" + std::to_string(i)), pod("web-" + std::to_string(39 - i))));
    check_same(lines);
}

BOOST_AUTO_TEST_CASE(only_the_ends_of_the_flow_are_taken_for_them) {
    const std::string a = pod("a");
    check_same({
        flow_of(a, a),
        R"({"flow":{"verdict":"DROPPED","extensions":{"source":)" + a + R"(},"destination":)" + a + "}}",
        R"({"flow":{"verdict":"DROPPED","IP":{"source":)" + a + "}}}",
        R"({"flow":{"verdict":"DROPPED","Summary":"\"source\":{","source":)" + a + "}}",
        R"({"source":)" + a + R"(,"destination":)" + a + "}",
        R"({"flow":{"verdict":"DROPPED","source":)" + a + R"(,"source":)" + a + "}}",
        R"({"flow":{"verdict":"DROPPED","destination":)" + a + R"(,"source":)" + a + "}}",
        flow_of(a, a) + flow_of(a, "null") + flow_of("null", a),
        R"({"lost_events":{"source":)" + a + "}}",
    });
}

// Its text is gone with the line.
BOOST_AUTO_TEST_CASE(a_flow_in_a_string_of_a_log_keeps_a_copy) {
    std::string quoted = flow_of(pod("a"), pod("b"));
    for (std::size_t at = quoted.find('"'); at != std::string::npos; at = quoted.find('"', at + 2))
        quoted.insert(at, 1, '\\');
    check_same({flow_of(pod("a"), pod("b")), R"({"log":")" + quoted + R"(\n","stream":"stdout"})"});
}

BOOST_AUTO_TEST_CASE(what_is_broken_stays_so) {
    const std::string a = pod("a");
    const std::string whole = flow_of(a, a);
    reader all;
    all.read(whole);
    for (std::size_t size = 1; size < whole.size(); ++size)
        BOOST_TEST(all.read(whole.substr(0, size)) == read_alone(whole.substr(0, size)), size);
    for (const char* behind : {"x", "}", "]", ":1", "\"\"", "\x01", "{}"})
        BOOST_TEST(all.read(flow_of(a + behind, a)) == read_alone(flow_of(a + behind, a)), behind);
}

BOOST_AUTO_TEST_CASE(text_with_escapes_is_not_kept) {
    check_same({flow_of(pod(R"(a\u0062c)"), pod("abc")), flow_of(pod("abc"), pod(R"(a\"}c)"))});
}

BOOST_AUTO_TEST_CASE(an_object_is_found_by_its_own_bytes_alone) {
    label_table labels;
    label_cache cache(labels);
    std::deque<label_set> overflow;
    const std::string_view label = "k8s:app=web";
    const std::string text = pod("a") + ",\"rest\":1";
    endpoint read;
    read.identity = 7;
    read.labels = cache.find({&label, 1}, overflow);
    read.pod_name = std::string_view(text).substr(text.find("\"a\"") + 1, 1);
    object_memo memo;
    memo.remember(text, read);
    const std::string other = pod("a") + "}";
    endpoint out;
    BOOST_TEST(memo.recall(other, out) == pod("a").size());
    BOOST_TEST(out.identity == 7u);
    BOOST_TEST(out.pod_name == "a");
    BOOST_TEST((out.pod_name.data() >= other.data() && out.pod_name.data() < other.data() + other.size()));
    BOOST_TEST(memo.recall(pod("b"), out) == 0u);
    BOOST_TEST(memo.recall(std::string_view(other).substr(0, 60), out) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

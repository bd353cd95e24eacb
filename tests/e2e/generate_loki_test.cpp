// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// replay --loki against a stand-in that pages as Loki's HTTP API says: `limit` lines from `start` (included) to `end`
// (not included), oldest first, over all streams.

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "e2e/cluster_case.hpp"
#include "support/flow_line.hpp"

namespace cpg::test {

namespace {

struct logged {
    std::int64_t time = 0;
    std::string stream;
    std::string line;
};

std::int64_t parameter(const std::string& target, const std::string& name) {
    const std::size_t at = target.find(name + "=");
    return at == std::string::npos ? 0 : std::stoll(target.substr(at + name.size() + 1));
}

std::string quoted(const std::string& text) {
    return boost::json::serialize(boost::json::value(text));
}

// Without its line break.
std::string flow_on(unsigned port) {
    std::string out = test::flow_line("web", port, "db");
    out.pop_back();
    return out;
}

struct loki_case : cluster_case {
    std::vector<logged> store;
    std::int64_t most_entries = 10;
    int busy_answers = 0;
    std::string refusal;
    const std::string wanted_window = "2026-01-14T08:00:00Z";

    std::string page(const std::string& target) const {
        std::string streams;
        std::int64_t left = parameter(target, "limit");
        for (const logged& each : store) {
            if (each.time < parameter(target, "start") || each.time >= parameter(target, "end") || left-- <= 0)
                continue;
            streams += (streams.empty() ? "" : ",") + std::string(R"({"stream":{"node":")") + each.stream +
                       R"("},"values":[[")" + std::to_string(each.time) + "\"," + quoted(each.line) + "]]}";
        }
        return R"({"status":"success","data":{"resultType":"streams","result":[)" + streams + "]}}";
    }

    std::string answer(const seen_request& request) {
        if (!refusal.empty()) return http_text(401, refusal, "text/plain");
        if (busy_answers-- > 0) return http_text(429, "slow down", "text/plain");
        if (parameter(request.target, "limit") > most_entries)
            return http_text(400,
                             "max entries limit per query exceeded, limit > max_entries_limit_per_query (" +
                                 std::to_string(most_entries) + ")",
                             "text/plain");
        return http_text(200, page(request.target));
    }

    void start() {
        std::ranges::stable_sort(store, {}, &logged::time);
        start_api([this](const seen_request& request, k8s::connection& stream) -> asio::awaitable<void> {
            const std::string text = answer(request);
            co_await stream.write(text);
        });
    }

    // At nanosecond `at` after nine o'clock.
    void log(std::int64_t at, const std::string& stream, const std::string& line) {
        constexpr std::int64_t nine = 1'768'381'200'000'000'000;
        store.push_back({nine + at, stream, line});
    }

    std::unique_ptr<program> replay(words more, int code) {
        words command = {cpg_binary().string(),
                         "replay",
                         "--json",
                         "-o",
                         "policies",
                         "--loki",
                         "https://127.0.0.1:" + std::to_string(api ? api->port() : 1) + "/gateway/",
                         "--loki-query",
                         R"({app="hubble"})",
                         "--tls-ca-cert-files",
                         "cluster.crt"};
        command.insert(command.end(), more.begin(), more.end());
        auto cpg = std::make_unique<program>(program_settings{.words = std::move(command),
                                                              .environment = environment,
                                                              .folder = dir.path(),
                                                              .out = dir / ("loki.out" + std::to_string(++runs)),
                                                              .err = dir / ("loki.err" + std::to_string(runs))});
        const int ended = cpg->exit_code(std::chrono::seconds(60));
        BOOST_TEST(ended == code, cpg->err());
        return cpg;
    }
};

std::uint64_t flows_seen(const program& cpg) {
    const std::string line = line_with(cpg.err(), "session summary");
    return number_in(boost::json::parse(line).as_object(), {"flows_seen"});
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(loki, loki_case)

BOOST_AUTO_TEST_CASE(all_pages_are_read_and_no_line_counts_twice_or_is_left_out) {
    // Pages end between lines of one time, in one stream and in several.
    for (unsigned i = 0; i < 40; ++i)
        log(i / 4, i % 3 ? "a" : "b", i % 5 ? flow_on(i + 1) : "2026-01-14T09:00:00Z stdout F " + flow_on(i + 1));
    start();
    std::string capture;
    for (const logged& each : store)
        capture += each.line + "\n";
    const auto wanted = replayed(write("capture.jsonl", capture));
    const auto cpg = replay({"--since", wanted_window}, 0);
    BOOST_TEST(flows_seen(*cpg) == 40u);
    BOOST_TEST((policies() == wanted));
    const auto asked = requests();
    BOOST_TEST(asked.size() > 4u);
    BOOST_TEST(asked[0].target.starts_with("/gateway/loki/api/v1/query_range?direction=forward&limit="));
    BOOST_TEST(asked[0].target.ends_with("&query=%7Bapp%3D%22hubble%22%7D"));
}

BOOST_AUTO_TEST_CASE(lines_of_one_time_that_can_not_be_asked_for_are_no_silent_loss) {
    for (unsigned i = 0; i < 25; ++i)
        log(1, "a", flow_on(i + 1));
    log(2, "a", flow_on(100));
    start();
    const auto cpg = replay({"--since", wanted_window}, 3);
    BOOST_TEST(cpg->said("have the same nanosecond"), cpg->err());
    BOOST_TEST(flows_seen(*cpg) >= 2u);
    BOOST_TEST(flows_seen(*cpg) < 26u);
    BOOST_TEST(policies().at("shop/db.yaml").find("port: \"100\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_busy_loki_is_waited_for_and_who_asks_is_said) {
    log(1, "a", flow_on(1));
    busy_answers = 2;
    most_entries = 5000;
    environment["LOKI_BEARER_TOKEN_FILE"] = write("token", "secret-of-the-test\n").string();
    environment["LOKI_ORG_ID"] = "team-a";
    start();
    const auto cpg = replay({"--since", wanted_window}, 0);
    BOOST_TEST(flows_seen(*cpg) == 1u);
    const auto asked = requests();
    BOOST_REQUIRE(asked.size() == 3u);
    BOOST_TEST(asked[2].headers.at("authorization") == "Bearer secret-of-the-test");
    BOOST_TEST(asked[2].headers.at("x-scope-orgid") == "team-a");
    BOOST_TEST(!cpg->said("secret-of-the-test"));
}

BOOST_AUTO_TEST_CASE(a_user_and_a_password_are_sent_as_basic_authorization_and_a_refusal_is_told) {
    environment["LOKI_USERNAME"] = "me";
    environment["LOKI_PASSWORD"] = "secret-of-the-test";
    refusal = "no org id";
    start();
    const auto cpg = replay({"--since", wanted_window}, 3);
    BOOST_TEST(cpg->said("reading from Loki: GET https://127.0.0.1"), cpg->err());
    BOOST_TEST(cpg->said("no org id"));
    BOOST_TEST(!cpg->said("session summary"));
    BOOST_TEST(!cpg->said("secret-of-the-test"));
    BOOST_TEST(requests()[0].headers.at("authorization").starts_with("Basic "));
}

BOOST_AUTO_TEST_CASE(a_time_without_lines_or_flows_is_an_error_that_says_what_to_look_at) {
    log(1, "a", "hello");
    most_entries = 5000;
    start();
    BOOST_TEST(replay({"--since", wanted_window}, 3)->said("no line that Loki gave is a flow (1 lines read)"));
    const words empty = {"--since", wanted_window, "--until", "2026-01-14T08:30:00Z"};
    BOOST_TEST(replay(empty, 3)->said("Loki has no line for"));
}

BOOST_AUTO_TEST_CASE(what_does_not_go_together_is_refused) {
    write("cluster.crt", "");
    environment["LOKI_BEARER_TOKEN"] = "secret-of-the-test";
    replay({}, 2);
    replay({"--since", "6h", "capture.jsonl"}, 2);
    replay({"--since", "6h", "--loki", "loki.example.com"}, 2);
    const auto plain = replay({"--since", "6h", "--loki", "http://127.0.0.1:1"}, 2);
    BOOST_TEST(plain->said("over https:// alone"));
    const auto secret = replay({"--since", "6h", "--loki", "https://me:secret-of-the-test@127.0.0.1:1"}, 2);
    BOOST_TEST(!secret->said("secret-of-the-test"));
    BOOST_TEST(replay({"--since", "6h", "--loki-query="}, 2)->said("--loki-query"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test

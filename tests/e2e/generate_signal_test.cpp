// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// How a session ends: by a signal, by a second one, by timeout(1), by --duration.
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "e2e/live_case.hpp"
#include "support/full_pipe.hpp"
#include "support/patience.hpp"

namespace cpg::test {

namespace {

struct signal_case : live_case {
    void wait_for_connection(program& cpg) {
        BOOST_TEST(eventually([&] { return cpg.said("connected to Hubble Relay"); }), cpg.err());
    }
    // All that a sim with --tells-end has to send has been received.
    void wait_for_all(program& cpg) {
        BOOST_TEST(eventually([&] { return cpg.said("sim/no-more"); }), cpg.err());
    }
    // Stops in the middle: what was counted is exactly what the files hold.
    void check_stopped_in_the_middle(int number) {
        const std::string flows = distinct_flows(6000);
        start_sim({"--capture", write("capture.jsonl", flows).string(), "--rate", "150"});
        const auto cpg = start_cpg(at_sim({"--flush-interval", "300ms"}));
        wait_for_connection(*cpg);
        BOOST_TEST(eventually([&] { return !policies().empty(); }), cpg->err());
        cpg->signal(number);
        BOOST_TEST(cpg->exit_code(30s) == 0, cpg->err());
        const auto seen = number_in(summary_in(cpg->err()), {"flows_seen"});
        BOOST_TEST(seen > 0u);
        BOOST_TEST(seen < 6000u);
        BOOST_TEST((policies() == replayed(write("part.jsonl", first_lines(flows, seen)))));
    }
};

// Enough to connect in, and to receive a few flows.
std::string seconds(unsigned count) {
    return std::to_string(patient(count));
}

void check_second_kills_in(signal_case& here, int first, int second) {
    const full_pipe pipe;
    here.cpg_out = pipe.writer();
    here.start_sim({"--capture", here.write("capture.jsonl", distinct_flows(2000)).string(), "--tells-end"});
    const auto cpg = here.start_cpg(here.at_sim({"--flush-interval", "1h", "--dry-run"}));
    here.wait_for_all(*cpg);
    cpg->signal(first);
    BOOST_TEST(eventually([&] { return cpg->said("stopping: writing what was received"); }), cpg->err());
    BOOST_TEST(!cpg->wait(500ms));  // and the echo of the first is over
    const auto begin = std::chrono::steady_clock::now();
    cpg->signal(second);
    const int code = cpg->exit_code(10s);
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    BOOST_TEST(code == 128 + second);
    BOOST_TEST((took <= patient(100ms)));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(signals, signal_case)

BOOST_AUTO_TEST_CASE(sigterm_in_the_middle_writes_what_was_counted) {
    check_stopped_in_the_middle(SIGTERM);
}

BOOST_AUTO_TEST_CASE(sigint_in_the_middle_writes_what_was_counted) {
    check_stopped_in_the_middle(SIGINT);
}

BOOST_AUTO_TEST_CASE(sigterm_under_full_load_writes_the_policies_of_a_replay) {
    const file_texts wanted = replayed(example("shop.jsonl"));
    start_sim({"--capture", example("shop.jsonl").string(), "--loop", "--tells-end"});
    const auto cpg = start_cpg(at_sim({"--flush-interval", "1h"}));
    wait_for_all(*cpg);
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(30s) == 0, cpg->err());
    BOOST_TEST((policies() == wanted), cpg->err());
    BOOST_TEST(sim->is_running());
}

BOOST_AUTO_TEST_CASE(sigterm_after_a_finite_stream_at_full_speed_leaves_nothing_out) {
    const auto capture = write("capture.jsonl", distinct_flows(20000));
    const file_texts wanted = replayed(capture);
    start_sim({"--capture", capture.string(), "--tells-end"});
    const auto cpg = start_cpg(at_sim({"--flush-interval", "1h", "--debug"}));
    wait_for_all(*cpg);
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(30s) == 0, cpg->err());
    BOOST_TEST(number_in(summary_in(cpg->err()), {"flows_seen"}) == 20000u);
    BOOST_TEST((policies() == wanted));
}

// The first signal's flush hangs in a write that never ends.
BOOST_AUTO_TEST_CASE(a_second_sigint_kills_within_100_ms) {
    check_second_kills_in(*this, SIGINT, SIGINT);
}

BOOST_AUTO_TEST_CASE(a_second_sigterm_kills_within_100_ms) {
    check_second_kills_in(*this, SIGTERM, SIGTERM);
}

BOOST_AUTO_TEST_CASE(sigint_after_sigterm_kills_within_100_ms) {
    check_second_kills_in(*this, SIGTERM, SIGINT);
}

// timeout(1) signals its child and then the child's group.
BOOST_AUTO_TEST_CASE(the_same_signal_twice_at_once_is_one) {
    const file_texts wanted = replayed(example("shop.jsonl"));
    start_sim({"--capture", example("shop.jsonl").string(), "--tells-end"});
    const auto cpg = start_cpg(at_sim({"--flush-interval", "1h"}));
    wait_for_all(*cpg);
    cpg->signal(SIGTERM);
    BOOST_TEST(eventually([&] { return cpg->said("stopping: writing what was received"); }), cpg->err());
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(20s) == 0, cpg->err());
    BOOST_TEST((policies() == wanted));
}

// Killed among thousands of files, what is there is whole.
BOOST_AUTO_TEST_CASE(a_second_sigint_among_many_files_leaves_whole_ones) {
    start_sim({"--flows", "20000", "--workloads", "4000", "--tells-end"});
    const auto cpg = start_cpg(at_sim({"--flush-interval", "1h"}));
    wait_for_all(*cpg);
    cpg->signal(SIGINT);
    BOOST_TEST(eventually([&] { return !policies().empty() || !cpg->is_running(); }), cpg->err());
    // Until the echo of the first would have come, another is taken for it.
    BOOST_TEST(eventually([&] { return cpg->signal(SIGINT), !cpg->is_running(); }), cpg->err());
    BOOST_TEST(cpg->exit_code(10s) == 130, cpg->err());
    for (const auto& [path, text] : policies()) {
        if (!path.ends_with(".yaml")) continue;
        BOOST_TEST(text.starts_with("apiVersion: cilium.io/v2\n"), path);
        BOOST_TEST(text.ends_with("\n"), path);
    }
}

BOOST_AUTO_TEST_CASE(timeout_with_preserve_status_gives_0) {
    start_sim({"--capture", example("shop.jsonl").string(), "--loop", "--rate", "200"});
    const auto cpg = start_cpg(at_sim(), {"timeout", "--preserve-status", seconds(3)});
    BOOST_TEST(cpg->exit_code(30s) == 0, cpg->err());
    BOOST_TEST(!policies().empty());
    BOOST_TEST(number_in(summary_in(cpg->err()), {"flows_seen"}) > 0u);
}

BOOST_AUTO_TEST_CASE(timeout_by_sigint_gives_0) {
    start_sim({"--capture", example("shop.jsonl").string()});
    const auto cpg = start_cpg(at_sim(), {"timeout", "--preserve-status", "-s", "INT", seconds(2)});
    BOOST_TEST(cpg->exit_code(30s) == 0, cpg->err());
    BOOST_TEST((policies() == replayed(example("shop.jsonl"))));
}

BOOST_AUTO_TEST_CASE(timeout_with_infra_drops_gives_1_where_that_is_asked_for) {
    const auto capture = write("capture.jsonl", distinct_flows(400, 10));
    start_sim({"--capture", capture.string()});
    const auto asked = start_cpg(at_sim({"--fail-on-infra-drops"}), {"timeout", "--preserve-status", seconds(3)});
    BOOST_TEST(asked->exit_code(30s) == 1, asked->err());
    BOOST_TEST(number_in(summary_in(asked->err()), {"infra_drops", "CT_MAP_INSERTION_FAILED"}) == 40u);
    BOOST_TEST(asked->out().find("CT_MAP_INSERTION_FAILED") != std::string::npos, asked->out());
    BOOST_TEST((policies() == replayed(capture)));
    const auto unasked = start_cpg(at_sim(), {"timeout", "--preserve-status", seconds(3)});
    BOOST_TEST(unasked->exit_code(30s) == 0, unasked->err());
}

BOOST_AUTO_TEST_CASE(fail_on_infra_drops_without_any_gives_0) {
    start_sim({"--capture", write("capture.jsonl", distinct_flows(400)).string()});
    run_cpg(at_sim({"--fail-on-infra-drops", "--duration", seconds(2) + "s"}), 0);
}

BOOST_AUTO_TEST_CASE(duration_ends_by_itself_with_all_files) {
    start_sim({"--capture", example("shop.jsonl").string()});
    const auto begin = std::chrono::steady_clock::now();
    run_cpg(at_sim({"--duration", seconds(3) + "s", "--flush-interval", "1h"}), 0);
    BOOST_TEST((std::chrono::steady_clock::now() - begin >= patient(3s)));
    BOOST_TEST((policies() == replayed(example("shop.jsonl"))));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test

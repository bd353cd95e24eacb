// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "e2e/workplace.hpp"
#include "support/full_pipe.hpp"
#include "support/patience.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

using test::flow_line;
using test::has;
using test::run_result;
using test::running_cpg;
using test::workplace;

test::run_settings slow_pipe(const workplace& at) {
    test::run_settings out = at.settings();
    out.pipe_input = true;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signals_suite)

BOOST_AUTO_TEST_CASE(a_signal_writes_what_was_received_and_exits_0) {
    for (const auto& [signal, name] : {std::pair(SIGINT, "SIGINT"), {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}}) {
        const workplace at;
        running_cpg cpg({"replay", "-", "--flush-interval", "1h"}, slow_pipe(at));
        // A malformed line is said when it has been read, and the flow before it with it.
        cpg.write_input(flow_line("a", 80) + "garbage\n");
        BOOST_TEST(cpg.wait_for("malformed line"));
        cpg.send(signal);
        const run_result ran = cpg.wait();
        BOOST_TEST(ran.exit_code == 0, ran.err);
        BOOST_TEST(has(ran.err, name));
        BOOST_TEST(has(ran.err, "session summary"));
        BOOST_TEST(at.files().size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(a_signal_before_any_flow_is_a_normal_end_too) {
    const workplace at;
    running_cpg cpg({"replay", "-", "--debug"}, slow_pipe(at));
    cpg.write_input(" \ngarbage\n");
    BOOST_TEST(cpg.wait_for("malformed line"));
    cpg.send(SIGINT);
    const run_result ran = cpg.wait();
    BOOST_TEST(!ran.timed_out);
    BOOST_TEST(ran.exit_code == 0, ran.err);
}

// Of four formats one byte may be the beginning.
BOOST_AUTO_TEST_CASE(a_signal_ends_a_pipe_that_gave_too_little_to_tell_its_format) {
    for (const std::string beginning : {"x", "B", "\x1f", "\x28\xb5"}) {
        const workplace at;
        running_cpg cpg({"replay", "-", "--debug"}, slow_pipe(at));
        cpg.write_input(beginning);
        BOOST_TEST(test::eventually([&] { return cpg.has_read_input(); }));
        cpg.send(SIGTERM);
        const run_result ran = cpg.wait();
        BOOST_TEST(!ran.timed_out);
        BOOST_TEST(ran.exit_code == 0, ran.err);
    }
}

BOOST_AUTO_TEST_CASE(a_signal_with_infra_drops_exits_1_when_asked) {
    const workplace at;
    running_cpg cpg({"replay", "-", "--fail-on-infra-drops"}, slow_pipe(at));
    std::string infra = flow_line("a", 80);
    infra.replace(infra.find("POLICY_DENIED"), 13, "CT_MAP_INSERTION_FAILED");
    cpg.write_input(infra + "garbage\n");
    BOOST_TEST(cpg.wait_for("malformed line"));
    cpg.send(SIGTERM);
    BOOST_TEST(cpg.wait().exit_code == 1);
}

BOOST_AUTO_TEST_CASE(the_flush_interval_writes_while_the_pipe_is_open) {
    const workplace at;
    running_cpg cpg({"replay", "-", "--flush-interval", "20ms"}, slow_pipe(at));
    cpg.write_input(flow_line("a", 80));
    BOOST_TEST(cpg.wait_for("policy written"));
    BOOST_TEST(at.files().size() == 1u);
    cpg.write_input(flow_line("b", 81));
    BOOST_TEST(test::eventually([&] { return has(at.files()["shop/cart.yaml"], "app: b"); }));
    cpg.close_input();
    const run_result ran = cpg.wait();
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(has(ran.err, "\"policies_written\": 1"));
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
}

// It finds the process busy with a diff that nobody reads. Until the echo that timeout(1) makes of every signal would
// have come a second one is taken for the first, so it is sent again.
BOOST_AUTO_TEST_CASE(a_second_signal_kills_at_once) {
    const workplace at;
    const test::full_pipe nobody_reads;
    test::run_settings settings = slow_pipe(at);
    settings.streams = {{1, nobody_reads.writer()}};
    running_cpg cpg({"replay", "-", "--dry-run", "--flush-interval", "1h"}, settings);
    cpg.write_input(flow_line("a", 80) + "garbage\n");
    BOOST_TEST(cpg.wait_for("malformed line"));
    cpg.send(SIGINT);
    BOOST_TEST(cpg.wait_for("stopping"));
    BOOST_TEST(test::eventually([&] {
        cpg.send(SIGINT);
        return cpg.has_ended();
    }));
    BOOST_TEST(cpg.wait().signal == SIGINT);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

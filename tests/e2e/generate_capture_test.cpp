// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What a live session takes of the nodes' rings, and the capture that it may write besides.
#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "e2e/live_case.hpp"

namespace cpg::test {

BOOST_FIXTURE_TEST_SUITE(capture, live_case)

// The stream breaks twice on the way, so some flows are served again.
BOOST_AUTO_TEST_CASE(a_capture_replays_to_the_same_policies) {
    const auto input = write("input.jsonl", distinct_flows(300));
    for (const std::string name : {"capture.jsonl", "capture.jsonl.gz"}) {
        const file_texts wanted = replayed(input);
        start_sim({"--capture", input.string(), "--cut-after", "120", "--cuts", "2"});
        const boost::json::object live = generate_until(at_sim({"--capture-file", name}), wanted);
        BOOST_TEST((replayed(dir / name) == wanted), name);
        BOOST_TEST(number_in(replay_summary, {"flows_seen"}) == 300u);
        BOOST_TEST(number_in(live, {"flows_seen"}) == 300u);
        using std::filesystem::perms;
        BOOST_TEST(((std::filesystem::status(dir / name).permissions() & perms::all) ==
                    (perms::owner_read | perms::owner_write)));
        const std::string bytes = read_text(dir / name);
        BOOST_TEST(bytes.starts_with(name.ends_with(".gz") ? "\x1f\x8b" : "{\""));
        std::filesystem::remove_all(dir / "policies");
    }
    const std::string text = read_text(dir / "capture.jsonl");
    BOOST_TEST(text.find("\"drop_reason_desc\":\"POLICY_DENIED\"") != std::string::npos, text.substr(0, 2000));
    BOOST_TEST(text.find("\"traffic_direction\":\"INGRESS\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_capture_that_can_not_be_written_is_a_failure_that_costs_no_policy) {
    const auto input = write("input.jsonl", distinct_flows(300));
    const file_texts wanted = replayed(input);
    start_sim({"--capture", input.string()});
    const auto full = run_cpg(at_sim({"--capture-file", "/dev/full", "--duration", "1s"}), 3);
    BOOST_TEST(full->said("can't write --capture-file /dev/full: No space left on device"), full->err());
    BOOST_TEST((policies() == wanted));
    const auto nowhere = run_cpg(at_sim({"--capture-file", "none/capture.jsonl"}), 3);
    BOOST_TEST(nowhere->said("can't write --capture-file none/capture.jsonl: No such file"), nowhere->err());
}

BOOST_AUTO_TEST_CASE(a_capture_of_before_stays_where_no_connection_comes_about) {
    for (const std::string name : {"kept.jsonl", "kept.jsonl.gz"}) {
        write(name, "of before");
        run_cpg({"--server", "127.0.0.1:1", "--timeout", "2s", "--capture-file", name}, 3);
        BOOST_TEST(read_text(dir / name) == "of before");
    }
    start_sim({"--flows", "5"});
    run_cpg(at_sim({"--capture-file", "kept.jsonl", "--duration", "500ms"}), 0);
    const std::string kept = read_text(dir / "kept.jsonl");
    BOOST_TEST(kept.find("of before") == std::string::npos);
    // Of a flow that is kept, also what cpg itself does not read.
    BOOST_TEST(kept.find("node_labels") != std::string::npos, kept);
}

BOOST_AUTO_TEST_CASE(what_the_rings_hold_up_to_a_time_ends_by_itself) {
    start_sim({"--capture", example("shop.jsonl").string()});
    const words window = {"--since", "2026-04-24T14:02:30Z", "--until", "2026-04-24T14:05:00Z"};
    const file_texts wanted = replayed(example("shop.jsonl"), window);
    BOOST_TEST(!wanted.empty());
    BOOST_TEST((wanted != replayed(example("shop.jsonl"))));
    const auto cpg = run_cpg(at_sim(window), 0);
    BOOST_TEST((policies() == wanted), cpg->err());
    BOOST_TEST(!cpg->said("trying again"), cpg->err());
}

BOOST_AUTO_TEST_CASE(a_time_that_is_still_to_come_ends_the_session) {
    start_sim({"--capture", example("shop.jsonl").string(), "--loop", "--rate", "100"});
    const auto now = std::chrono::system_clock::now();
    const auto until = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() + 2;
    const std::time_t time = static_cast<std::time_t>(until);
    std::tm parts{};
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", ::gmtime_r(&time, &parts));
    run_cpg(at_sim({"--until", text}), 0);
}

BOOST_AUTO_TEST_CASE(a_server_of_the_environment_stands_in_the_evidence_and_in_errors) {
    start_sim({"--capture", example("shop.jsonl").string()});
    environment["HUBBLE_SERVER"] = address;
    generate_until({}, replayed(example("shop.jsonl")));
    const file_texts cache = files_below(dir / "cache");
    const auto names_it = [&](const auto& file) {
        return file.second.find("\"server\":\"" + address + "\"") != std::string::npos ||
               file.second.find("\"server\": \"" + address + "\"") != std::string::npos;
    };
    BOOST_TEST(std::ranges::any_of(cache, names_it), address);
    environment["HUBBLE_SERVER"] = "nonsense";
    const auto bad = run_cpg({}, 2);
    BOOST_TEST(bad->said("(HUBBLE_SERVER)"), bad->err());
    environment["HUBBLE_SERVER"] = "127.0.0.1:1";
    run_cpg({"--port-forward", "--server", address}, 2);
    const auto forward = run_cpg({"--port-forward", "--kubeconfig", "none"}, 3);
    BOOST_TEST(forward->said("loading kubeconfig"), forward->err());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The same flows make the same files, whatever the order, the threads, the flushes and the runs they come in.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "session/capture_text.hpp"
#include "session/names_capture.hpp"
#include "session/replay.hpp"
#include "support/policy_invariants.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;
using lines = std::vector<std::string>;
using tree = std::map<std::string, std::string>;

struct way {
    std::size_t threads = 2;
    std::chrono::nanoseconds flush_interval = 1h;
    bool l7 = false;
};

class place {
  public:
    place() : log_({.level = log_level::error, .descriptor = STDERR_FILENO}) {}

    session_result replay(const lines& capture, way how = {}) {
        std::string text;
        for (const std::string& line : capture)
            text += line;
        test::write_text(dir_ / "capture.jsonl", text);
        session_settings settings;
        settings.writer.output_dir = dir_ / "policies";
        settings.writer.show = [](std::string_view) {};
        settings.flush_interval = how.flush_interval;
        settings.threads = how.threads;
        settings.gates.l7 = settings.gates.fqdn = how.l7;
        session_result result = replay_captures(settings, {(dir_ / "capture.jsonl").string()}, log_);
        BOOST_TEST(result.policies_failed == 0u);
        BOOST_TEST(result.problem == "");
        return result;
    }

    tree files() const {
        tree out;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "policies"))
            if (entry.is_regular_file())
                out[std::filesystem::relative(entry.path(), dir_ / "policies").string()] =
                    test::read_text(entry.path());
        return out;
    }

    std::string faults() const { return test::joined(test::tree_faults(dir_ / "policies")); }

  private:
    test::temp_dir dir_;
    logger log_;
};

lines some_capture(unsigned seed, std::size_t flows = 3000) {
    std::mt19937 random(seed);
    return test::random_capture(flows, random);
}

tree replayed(const lines& capture, way how = {}) {
    place at;
    at.replay(capture, how);
    BOOST_TEST(at.faults() == "");
    const tree out = at.files();
    BOOST_TEST(!out.empty());  // two runs that write nothing are the same, too
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(same_bytes_suite)

BOOST_AUTO_TEST_CASE(the_order_of_the_lines_does_not_matter) {
    lines capture = some_capture(1);
    const tree expected = replayed(capture);
    BOOST_TEST(expected.size() > 10u);
    std::mt19937 random(2);
    for (int i = 0; i < 4; ++i) {
        std::ranges::shuffle(capture, random);
        BOOST_TEST((replayed(capture) == expected));
    }
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_does_not_matter) {
    const lines capture = some_capture(3);
    const tree expected = replayed(capture, {.threads = 1});
    for (const std::size_t threads : {2u, 3u, 4u})
        BOOST_TEST((replayed(capture, {.threads = threads}) == expected), threads);
}

BOOST_AUTO_TEST_CASE(the_flush_interval_does_not_matter) {
    lines capture = some_capture(4, 20'000);
    const tree expected = replayed(capture);
    std::mt19937 random(5);
    for (int i = 0; i < 3; ++i) {
        std::ranges::shuffle(capture, random);
        BOOST_TEST((replayed(capture, {.threads = 3, .flush_interval = 1ms}) == expected));
    }
}

BOOST_AUTO_TEST_CASE(counts_do_not_depend_on_order_and_threads) {
    lines capture = some_capture(6);
    place one;
    const triage_counts expected = one.replay(capture, {.threads = 1}).counts;
    std::ranges::reverse(capture);
    place four;
    const triage_counts counts = four.replay(capture, {.threads = 4}).counts;
    BOOST_TEST(counts.flows == expected.flows);
    BOOST_TEST(counts.kept == expected.kept);
    BOOST_TEST((counts.unhandled == expected.unhandled));
    BOOST_TEST(counts.kept > 0u);
    BOOST_TEST_REQUIRE(!expected.health_drops.empty());
    BOOST_TEST_REQUIRE(counts.health_drops.size() == expected.health_drops.size());
    BOOST_TEST(counts.health_drops.begin()->second.count == expected.health_drops.begin()->second.count);
    BOOST_TEST((counts.health_drops.begin()->second.by_workload == expected.health_drops.begin()->second.by_workload));
}

BOOST_AUTO_TEST_CASE(a_second_run_writes_nothing) {
    const lines capture = some_capture(7);
    place at;
    const session_result first = at.replay(capture);
    const tree files = at.files();
    BOOST_TEST(first.policies_written == files.size());
    const session_result second = at.replay(capture);
    BOOST_TEST(second.policies_written == 0u);
    BOOST_TEST(second.policies_unchanged == files.size());
    BOOST_TEST((at.files() == files));
}

BOOST_AUTO_TEST_CASE(a_capture_replayed_in_two_parts_allows_what_the_whole_does_and_a_third_run_changes_nothing) {
    const lines capture = some_capture(8);
    const auto middle = capture.begin() + static_cast<std::ptrdiff_t>(capture.size() / 2);
    place parts;
    parts.replay({capture.begin(), middle});
    parts.replay({middle, capture.end()});
    BOOST_TEST(parts.faults() == "");
    const tree files = parts.files();
    BOOST_TEST(parts.replay(capture).policies_written == 0u);
    BOOST_TEST((parts.files() == files));
}

BOOST_AUTO_TEST_CASE(what_names_tell_does_not_depend_on_order_threads_and_flushes) {
    for (unsigned seed = 10; seed < 16; ++seed) {
        std::mt19937 random(seed);
        // Few, so that some workloads have to be told by others.
        lines capture = test::names_capture(seed % 2 == 0 ? 15 : 400, random);
        const tree expected = replayed(capture, {.threads = 1, .l7 = true});
        for (const std::size_t threads : {2u, 3u}) {
            std::ranges::shuffle(capture, random);
            BOOST_TEST((replayed(capture, {.threads = threads, .flush_interval = 1ms, .l7 = true}) == expected), seed);
        }
    }
}

BOOST_AUTO_TEST_CASE(more_threads_than_work_end_all_the_same) {
    const lines capture = {some_capture(9, 1)[0]};
    BOOST_TEST((replayed(capture, {.threads = 16}) == replayed(capture, {.threads = 1})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

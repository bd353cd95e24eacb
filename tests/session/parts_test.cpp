// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Parts of a capture add up to the whole: however it is split, in whatever order and tree they are combined.

#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <regex>

#include "base/limits.hpp"
#include "partial/merge.hpp"
#include "session/capture_text.hpp"
#include "session/combine.hpp"
#include "session/names_capture.hpp"
#include "session/partial.hpp"
#include "session/replay.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

namespace {

using lines = std::vector<std::string>;
using tree = std::map<std::string, std::string>;

constexpr std::size_t samples = 3;

/// What a run has left: the files of policies and evidence, and the counts.
struct outcome_of_run {
    tree policies;
    tree evidence;
    session_result result;
};

// The session's identity and times are the run's own.
std::string without_session(const std::string& evidence) {
    static const std::regex own(
        R"rx("(id|started_at|ended_at|file|started|ended)": "[^"]*"|"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ-[0-9a-f]{4}")rx");
    return std::regex_replace(evidence, own, "OWN");
}

tree files_below(const std::filesystem::path& folder, bool is_evidence) {
    tree out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() == (is_evidence ? ".json" : ".yaml")) {
            const std::string text = test::read_text(entry.path());
            out[std::filesystem::relative(entry.path(), folder).string()] = is_evidence ? without_session(text) : text;
        }
    return out;
}

class place {
  public:
    explicit place(bool names) : names_(names), log_({.level = log_level::error, .descriptor = STDERR_FILENO}) {}

    outcome_of_run whole(const lines& capture) {
        const std::string path = written("whole.jsonl", capture);
        session_settings settings = settings_for("whole");
        const session_result result = replay_captures(settings, {path}, log_);
        return outcome("whole", result);
    }

    std::string part(const lines& capture) { return part(capture, suffix()); }
    std::string part(const lines& capture, const std::string& kind) {
        const std::string name = "part-" + std::to_string(made_++);
        const std::string out = (dir_ / (name + kind)).string();
        replay_to_part(settings_for("none"), {written(name + ".jsonl", capture)},
                       {.out = out, .cpg_version = "1", .evidence = true}, log_);
        return out;
    }

    std::string sum(const std::vector<std::string>& parts) {
        const std::string out = (dir_ / ("sum-" + std::to_string(made_++) + suffix())).string();
        sum_parts_to(parts, out, log_);
        return out;
    }

    outcome_of_run combined(const std::vector<std::string>& parts) {
        const std::string name = "combined-" + std::to_string(made_++);
        const summed_parts sum = sum_parts(parts, log_);
        session_settings settings = settings_for(name);
        settings.gates = sum.header.options.gates;
        return outcome(name, write_policies_of(sum, settings, log_));
    }

    std::filesystem::path path() const { return dir_.path(); }

  private:
    std::string suffix() const { return made_ % 3 == 0 ? ".part" : made_ % 3 == 1 ? ".part.gz" : ".part.zst"; }

    std::string written(const std::string& name, const lines& capture) {
        std::string text;
        for (const std::string& line : capture)
            text += line;
        test::write_text(dir_ / name, text);
        return (dir_ / name).string();
    }

    session_settings settings_for(const std::string& name) {
        session_settings out;
        out.writer.output_dir = dir_ / name;
        out.writer.show = [](std::string_view) {};
        out.gates.l7 = out.gates.fqdn = names_;
        out.samples = samples;
        out.flush_interval = std::chrono::hours(1);
        evidence_settings evidence;
        evidence.folder = dir_ / (name + "-evidence");
        evidence.limits.samples = samples;
        out.evidence = evidence;
        return out;
    }

    outcome_of_run outcome(const std::string& name, session_result result) {
        BOOST_TEST(result.policies_failed == 0u);
        BOOST_TEST(result.evidence_failed == 0u);
        return {files_below(dir_ / name, false), files_below(dir_ / (name + "-evidence"), true), std::move(result)};
    }

    bool names_;
    test::temp_dir dir_;
    logger log_;
    std::size_t made_ = 0;
};

void check_same(const outcome_of_run& got, const outcome_of_run& wanted) {
    BOOST_TEST((got.policies == wanted.policies));
    BOOST_TEST((got.evidence == wanted.evidence));
    const triage_counts& a = got.result.counts;
    const triage_counts& b = wanted.result.counts;
    BOOST_TEST(a.flows == b.flows);
    BOOST_TEST(a.kept == b.kept);
    BOOST_TEST((a.unhandled == b.unhandled));
    BOOST_TEST((a.by_verdict == b.by_verdict));
    BOOST_TEST(a.health_drops.size() == b.health_drops.size());
    for (const auto& [reason, drops] : b.health_drops) {
        BOOST_TEST(a.health_drops.at(reason).count == drops.count);
        BOOST_TEST((a.health_drops.at(reason).by_node == drops.by_node));
        BOOST_TEST((a.health_drops.at(reason).by_workload == drops.by_workload));
    }
    BOOST_TEST(got.result.lines == wanted.result.lines);
    BOOST_TEST(got.result.malformed == wanted.result.malformed);
    BOOST_TEST(got.result.policies_written == wanted.result.policies_written);
}

// Each line to any of the parts, some of which stay empty.
std::vector<lines> split(const lines& capture, std::size_t parts, std::mt19937& random) {
    std::vector<lines> out(parts);
    for (const std::string& line : capture)
        out[random() % parts].push_back(line);
    return out;
}

// Until one is left, a few of them, whichever they are, become one.
std::string any_tree(place& at, std::vector<std::string> parts, std::mt19937& random) {
    while (parts.size() > 1) {
        std::ranges::shuffle(parts, random);
        const std::size_t taken = std::min(parts.size(), 2 + random() % 3);
        const std::vector<std::string> few(parts.end() - static_cast<std::ptrdiff_t>(taken), parts.end());
        parts.resize(parts.size() - taken);
        parts.push_back(at.sum(few));
    }
    return parts.front();
}

void try_capture(const lines& capture, bool names, std::mt19937& random) {
    place at(names);
    const outcome_of_run whole = at.whole(capture);
    BOOST_TEST(!whole.policies.empty());
    // And pods.json.
    BOOST_TEST(whole.evidence.size() == whole.policies.size() + 1);
    std::vector<std::string> parts;
    for (const lines& each : split(capture, 1 + random() % 8, random))
        parts.push_back(at.part(each));
    std::ranges::shuffle(parts, random);
    check_same(at.combined(parts), whole);
    check_same(at.combined({any_tree(at, parts, random)}), whole);
}

lines with_dirt(lines capture, std::mt19937& random) {
    for (int i = 0; i < 20; ++i)
        capture.insert(capture.begin() + static_cast<std::ptrdiff_t>(random() % capture.size()), "{\"flow\": oh no\n");
    return capture;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parts_suite)

BOOST_AUTO_TEST_CASE(any_split_and_any_tree_of_parts_give_the_files_and_counts_of_the_whole) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            std::mt19937 random(seed);
            try_capture(with_dirt(test::random_capture(1500, random), random), false, random);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_one_part_knows_of_names_and_servers_serves_the_others) {
    for (unsigned seed = 20; seed < 26; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            std::mt19937 random(seed);
            // Few, so that some workloads have to be told by others.
            try_capture(test::names_capture(seed % 2 == 0 ? 15 : 400, random), true, random);
        }
    }
}

BOOST_AUTO_TEST_CASE(twin_events_in_two_parts_are_one_packet) {
    std::mt19937 random(30);
    lines capture = test::random_capture(600, random);
    lines drops;
    lines verdicts;
    for (const std::string& line : capture)
        (line.find(R"("type":5)") == std::string::npos ? drops : verdicts).push_back(line);
    BOOST_TEST(!verdicts.empty());
    place at(false);
    check_same(at.combined({at.part(drops), at.part(verdicts)}), at.whole(capture));
}

BOOST_AUTO_TEST_CASE(more_parts_than_are_open_at_once_are_added_up_in_rounds) {
    std::mt19937 random(31);
    const lines capture = test::random_capture(300, random);
    place at(false);
    std::vector<std::string> parts;
    for (const lines& each : split(capture, limits::parts_at_once + 7, random))
        parts.push_back(at.part(each));
    check_same(at.combined(parts), at.whole(capture));
}

BOOST_AUTO_TEST_CASE(the_same_flows_make_the_same_part_whatever_their_order) {
    std::mt19937 random(32);
    lines capture = test::random_capture(500, random);
    place at(false);
    // Of the same name, for a part says what it was made of.
    const auto part_of = [&](const lines& of) {
        place other(false);
        std::string text = test::read_text(other.part(of, ".part"));
        return text.substr(text.find('\n'));
    };
    const std::string first = part_of(capture);
    std::ranges::shuffle(capture, random);
    BOOST_TEST((part_of(capture) == first));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/session.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "base/folder_lock.hpp"
#include "session/replay.hpp"
#include "session/session_parts.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

struct fixture {
    fixture() {
        settings.writer.output_dir = dir / "policies";
        settings.writer.show = [](std::string_view) {};
        settings.flush_interval = 1h;
    }
    session_result run() {
        return run_session(settings, test::quiet_log(), [](const session_executors& at) {
            return std::make_unique<test::text_source>(at.strand, std::deque{test::drop_line("a")});
        });
    }
    bool is_held() const {
        const folder_lock lock(dir / "policies", 0755, 0s, [](const std::string&) {});
        return lock.result() == folder_lock::outcome::busy;
    }

    test::temp_dir dir;
    session_settings settings;
};

class told_of_its_end final : public flow_source {
  public:
    explicit told_of_its_end(bool& gone) : gone_(gone) {}
    ~told_of_its_end() override { gone_ = true; }
    void start(flow_receiver& receiver) override { receiver_ = &receiver; }
    void request(std::size_t) override { throw std::runtime_error("the source is broken"); }
    void stop() override {}

  private:
    bool& gone_;
    flow_receiver* receiver_ = nullptr;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(session_suite, fixture, *boost::unit_test::timeout(60))

BOOST_AUTO_TEST_CASE(what_is_written_at_the_end_is_written_while_the_folders_are_held) {
    int calls = 0;
    settings.at_end = [&](const session_result& result) {
        ++calls;
        BOOST_TEST(is_held());
        BOOST_TEST(result.policies_written == 1u);
    };
    BOOST_TEST(run().policies_written == 1u);
    BOOST_TEST(calls == 1);
    BOOST_TEST(!is_held());
}

BOOST_AUTO_TEST_CASE(only_files_that_have_an_end_may_wait_for_it) {
    test::write_text(dir / "a.jsonl", test::drop_line("a"));
    BOOST_TEST(may_wait_for_end(list_inputs(std::vector{(dir / "a.jsonl").string()})));
    BOOST_TEST(!may_wait_for_end(list_inputs(std::vector<std::string>{"-"})));
    BOOST_REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
    BOOST_TEST(!may_wait_for_end(list_inputs(std::vector{(dir / "a.jsonl").string(), (dir / "pipe").string()})));
}

BOOST_AUTO_TEST_CASE(the_folders_are_let_go_of_where_memory_is_left_to_the_kernel) {
    settings.ends_process = true;
    BOOST_TEST(run().policies_written == 1u);
    BOOST_TEST(!is_held());
}

BOOST_AUTO_TEST_CASE(sums_alone_take_no_folder) {
    std::size_t workloads = 0;
    const auto take = [&](const session_sums& sums, const session_result& result) {
        BOOST_TEST(result.counts.flows == 1u);
        for (const aggregator* each : sums.shards)
            workloads += each->workloads();
        BOOST_TEST(sums.pods.size() == 2u);
    };
    add_up_session(
        settings, test::quiet_log(),
        [](const session_executors& at) {
            return std::make_unique<test::text_source>(at.strand, std::deque{test::drop_line("a")});
        },
        take);
    BOOST_TEST(workloads == 1u);
    BOOST_TEST(!std::filesystem::exists(dir / "policies"));
}

BOOST_AUTO_TEST_CASE(an_exception_on_a_thread_ends_the_session_and_its_source) {
    bool gone = false;
    const auto broken = [&] {
        run_session(settings, test::quiet_log(),
                    [&](const session_executors&) { return std::make_unique<told_of_its_end>(gone); });
    };
    BOOST_CHECK_THROW(broken(), std::runtime_error);
    BOOST_TEST(gone);
    BOOST_TEST(!is_held());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

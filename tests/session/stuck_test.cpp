// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Threads that the system does not give back: the stop that was asked for comes all the same.

#include <unistd.h>

#include <asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <thread>

#include "base/duration.hpp"
#include "session/replay.hpp"
#include "support/flow_line.hpp"
#include "support/patience.hpp"
#include "support/piece.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Who comes in waits until the gate opens, as in a call to a disk that has gone away. The last to leave lets go of the
// session that a stuck thread keeps, so the case waits for that.
class gate {
  public:
    ~gate() {
        opened_->count_down();
        while (opened_.use_count() > 1)
            std::this_thread::sleep_for(1ms);
    }
    std::function<void()> entrance() const {
        return [opened = opened_] { opened->wait(); };
    }

  private:
    std::shared_ptr<std::latch> opened_ = std::make_shared<std::latch>(1);
};

struct fixture {
    fixture() {
        settings.writer.output_dir = dir / "policies";
        settings.writer.show = [](std::string_view) {};
        settings.flush_interval = 1h;
        settings.duration = 1ms;
        // For what hangs; a busy machine has to write the other files within it.
        settings.patience = test::patient(1s);
    }

    // With policies of these workloads hanging.
    session_result replay(const gate& closed, const std::function<bool(const policy&)>& hangs) {
        settings.writer.in_cluster = [enter = closed.entrance(), hangs](const policy& each) {
            if (hangs(each)) enter();
            return false;
        };
        test::write_text(dir / "capture.jsonl", test::flow_line("web", 80, "a") + test::flow_line("web", 80, "b") +
                                                    test::flow_line("web", 80, "c"));
        session_result out = replay_captures(settings, {(dir / "capture.jsonl").string()}, log);
        settings.writer.in_cluster = nullptr;
        return out;
    }

    test::temp_dir dir;
    logger log{{.level = log_level::error, .descriptor = -1}};
    session_settings settings;
};

// Gives one piece, which is never decoded.
class endless_piece final : public flow_source {
  public:
    endless_piece(asio::any_io_executor strand, std::function<void()> entrance, bool* gone = nullptr)
        : strand_(std::move(strand)), entrance_(std::move(entrance)), gone_(gone) {}
    ~endless_piece() override {
        if (gone_) *gone_ = true;
    }

    void start(flow_receiver& receiver) override { receiver_ = &receiver; }
    void request(std::size_t) override {
        if (std::exchange(given_, true)) return;
        asio::post(strand_, [this] {
            receiver_->on_input(
                test::piece_of([enter = std::move(entrance_)](decode_cache&, flow_batch&) { enter(); }));
        });
    }
    void stop() override {}

  private:
    asio::any_io_executor strand_;
    std::function<void()> entrance_;
    bool* gone_;
    flow_receiver* receiver_ = nullptr;
    bool given_ = false;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stuck_suite, fixture, *boost::unit_test::timeout(test::patient(60U)))

BOOST_AUTO_TEST_CASE(a_file_that_hangs_costs_itself_alone) {
    const gate closed;
    const session_result result = replay(closed, [](const policy& each) { return each.workload == "b"; });
    BOOST_TEST(result.stuck);
    BOOST_TEST(result.problem.find("policies/shop/b.yaml did not come back") != std::string::npos, result.problem);
    BOOST_TEST(result.policies_failed == 1u);
    BOOST_TEST(fs::exists(dir / "policies/shop/a.yaml"));
    BOOST_TEST(fs::exists(dir / "policies/shop/c.yaml"));
    BOOST_TEST(!fs::exists(dir / "policies/shop/b.yaml"));
}

BOOST_AUTO_TEST_CASE(a_disk_that_hangs_at_every_file_is_given_up) {
    const gate closed;
    const session_result result = replay(closed, [](const policy&) { return true; });
    BOOST_TEST(result.stuck);
    BOOST_TEST(result.problem.find("did not come back") != std::string::npos);
    BOOST_TEST(result.policies_failed > 0u);
    BOOST_TEST(result.policies_written == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_that_takes_its_time_is_waited_for_without_a_stop) {
    settings.duration.reset();
    settings.patience = 20ms;
    int asked = 0;
    settings.writer.in_cluster = [&](const policy&) {
        ++asked;
        std::this_thread::sleep_for(100ms);  // longer than the patience, on any machine
        return false;
    };
    test::write_text(dir / "capture.jsonl", test::flow_line("web", 80, "a") + test::flow_line("web", 80, "b"));
    const session_result result = replay_captures(settings, {(dir / "capture.jsonl").string()}, log);
    BOOST_TEST(!result.stuck);
    BOOST_TEST(result.problem == "");
    BOOST_TEST(result.policies_written == 2u);
    BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_CASE(input_that_hangs_is_let_go_of) {
    const gate closed;
    const session_result result = run_session(settings, log, [&](const session_executors& at) {
        return std::make_unique<endless_piece>(at.strand, closed.entrance());
    });
    BOOST_TEST(result.stuck);
    BOOST_TEST(
        result.problem.find("the input did not end within " + format_duration(settings.patience)) != std::string::npos,
        result.problem);
}

// The process ends soon, and until then the thread may go on in it.
BOOST_AUTO_TEST_CASE(a_source_that_a_thread_hangs_in_stays_and_there_are_no_sums) {
    const gate closed;
    bool gone = false;
    settings.ends_process = true;
    const auto source = [&](const session_executors& at) {
        return std::make_unique<endless_piece>(at.strand, closed.entrance(), &gone);
    };
    const session_result result =
        add_up_session(settings, log, source, [](const session_sums& sums, const session_result& told) {
            BOOST_TEST(told.stuck);
            BOOST_TEST(sums.shards.empty());
        });
    BOOST_TEST(result.stuck);
    BOOST_TEST(!gone);
}

BOOST_AUTO_TEST_CASE(the_command_line_may_end_the_process_in_its_own_way) {
    const gate closed;
    int asked = 0;
    settings.when_stuck = [&asked](const session_result& result) { asked += result.stuck ? 1 : 100; };
    replay(closed, [](const policy& each) { return each.workload == "b"; });
    BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

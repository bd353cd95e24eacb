// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What a live session writes where: namespaces, dry runs, log lines, the status line of a terminal.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "e2e/live_case.hpp"

namespace cpg::test {

namespace {

struct output_case : live_case {
    void start_shop(words more = {}) {
        more.insert(more.end(), {"--capture", example("shop.jsonl").string()});
        start_sim(more);
    }
};

// Both ends of a terminal; what is written to it is read on while a child runs.
class terminal {
  public:
    terminal() {
        winsize size{.ws_row = 25, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
        if (::openpty(&near_, &far_, nullptr, nullptr, &size) != 0) throw std::runtime_error("openpty");
        for (const int end : {near_, far_})
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;
    ~terminal() {
        ::close(near_);
        ::close(far_);
    }
    int far() const { return far_; }
    const std::string& read() {
        char buffer[4096];
        for (pollfd ready{near_, POLLIN, 0}; ::poll(&ready, 1, 20) == 1;) {
            const ssize_t count = ::read(near_, buffer, sizeof buffer);
            if (count <= 0) break;
            text_.append(buffer, static_cast<std::size_t>(count));
        }
        return text_;
    }
    // Reads on, so that the child never waits for room.
    bool until(const std::function<bool()>& holds) {
        return eventually([&] {
            read();
            return holds();
        });
    }

  private:
    int near_ = -1;
    int far_ = -1;
    std::string text_;
};

constexpr const char* status_words = " flows/s";
constexpr const char* clear_line = "\r\x1b[K";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(output, output_case)

BOOST_AUTO_TEST_CASE(a_namespace_writes_no_file_of_another) {
    start_shop();
    const file_texts wanted = replayed(example("shop.jsonl"), {"-n", "monitoring"});
    BOOST_TEST(!wanted.empty());
    BOOST_TEST(wanted.size() < replayed(example("shop.jsonl")).size());
    const boost::json::object summary = generate_until(at_sim({"-nmonitoring"}), wanted);
    for (const auto& [path, text] : policies())
        BOOST_TEST(path.starts_with("monitoring/"), path);
    // The relay's filter lets a flow through when either end is in the namespace; the subject may be the
    // other.
    BOOST_TEST(number_in(summary, {"unhandled", "other_namespace"}) > 0u);
}

BOOST_AUTO_TEST_CASE(several_namespaces_make_the_policies_of_a_replay) {
    start_shop();
    generate_until(at_sim({"-n", "production,monitoring"}),
                   replayed(example("shop.jsonl"), {"-n", "production", "-n", "monitoring"}));
}

BOOST_AUTO_TEST_CASE(a_dry_run_writes_nothing_and_shows_the_files) {
    start_shop();
    const auto cpg = run_cpg(at_sim({"--dry-run", "--duration", "2s"}), 0);
    BOOST_TEST(!std::filesystem::exists(dir / "policies"));
    const auto wanted = replayed(example("shop.jsonl")).size();
    BOOST_TEST(number_in(summary_in(cpg->err()), {"policies_would_write"}) == wanted);
    BOOST_TEST(cpg->out().find("+kind: CiliumNetworkPolicy") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_second_run_writes_nothing_anew) {
    start_shop();
    const file_texts wanted = replayed(example("shop.jsonl"));
    generate_until(at_sim(), wanted);
    const boost::json::object again = summary_in(run_cpg(at_sim({"--duration", "2s"}), 0)->err());
    BOOST_TEST(number_in(again, {"policies_written"}) == 0u);
    BOOST_TEST(number_in(again, {"policies_skipped"}) == wanted.size());
    BOOST_TEST((policies() == wanted));
}

BOOST_AUTO_TEST_CASE(json_logs_are_an_object_a_line) {
    start_shop({"--lost-events", "3:HUBBLE_RING_BUFFER"});
    const auto cpg = run_cpg(at_sim({"--duration", "1s", "--debug"}), 0);
    std::istringstream lines(cpg->err());
    for (std::string line; std::getline(lines, line);) {
        boost::system::error_code error;
        const boost::json::value value = boost::json::parse(line, error);
        BOOST_TEST((!error && value.is_object()), line);
        if (!value.is_object()) continue;
        for (const char* const key : {"ts", "level", "msg"})
            BOOST_TEST(value.get_object().contains(key), line);
    }
    const std::string connected = line_with(cpg->err(), "connected to Hubble Relay");
    BOOST_TEST(connected.find("\"version\":\"cilium v1.19.4") != std::string::npos, connected);
    BOOST_TEST(connected.find("\"connected_nodes\":4") != std::string::npos, connected);
}

BOOST_AUTO_TEST_CASE(text_logs_to_a_file_have_no_status_line) {
    start_shop();
    const auto cpg = run_cpg(at_sim({"--duration", "1s", "--json=false"}), 0);
    BOOST_TEST(cpg->said("INFO  connected to Hubble Relay"), cpg->err());
    BOOST_TEST(!cpg->said(clear_line), cpg->err());
    BOOST_TEST(!cpg->said("\x1b"), cpg->err());
}

BOOST_AUTO_TEST_CASE(a_terminal_has_a_status_line_with_the_time_left) {
    terminal screen;
    cpg_err = screen.far();
    environment["TERM"] = "xterm";
    start_shop({"--loop", "--rate", "500"});
    const auto cpg = start_cpg(at_sim({"--json=false", "--duration", "4s", "--flush-interval", "500ms"}));
    BOOST_TEST(screen.until([&] { return !cpg->is_running(); }));
    BOOST_TEST(cpg->exit_code(10s) == 0, screen.read());
    const std::string text = screen.read();
    const std::string line = line_with(text, status_words);
    for (const char* const part : {clear_line, "flows/s", "s left"})
        BOOST_TEST(line.find(part) != std::string::npos, part << " is not in: " << text);
    // The last thing on the screen is the summary, not a stale status line.
    BOOST_TEST(text.rfind("\nSession ") > text.rfind(status_words));
}

BOOST_AUTO_TEST_CASE(a_terminal_with_json_logs_has_no_status_line) {
    terminal screen;
    cpg_err = screen.far();
    start_shop();
    const auto cpg = start_cpg(at_sim({"--duration", "1s"}));
    BOOST_TEST(screen.until([&] { return !cpg->is_running(); }));
    BOOST_TEST(screen.read().find(status_words) == std::string::npos, screen.read());
    BOOST_TEST(screen.read().find('\x1b') == std::string::npos, screen.read());
}

BOOST_AUTO_TEST_CASE(a_terminal_with_a_higher_log_level_has_no_status_line) {
    terminal screen;
    cpg_err = screen.far();
    start_shop();
    const auto cpg = start_cpg(at_sim({"--json=false", "--log-level", "warn", "--duration", "1s"}));
    BOOST_TEST(screen.until([&] { return !cpg->is_running(); }));
    BOOST_TEST(screen.read().find(status_words) == std::string::npos, screen.read());
}

BOOST_AUTO_TEST_CASE(no_color_keeps_colours_off_a_terminal) {
    terminal screen;
    cpg_err = screen.far();
    environment["NO_COLOR"] = "1";
    start_shop();
    const auto cpg = start_cpg(at_sim({"--json=false", "--duration", "1s"}));
    BOOST_TEST(screen.until([&] { return !cpg->is_running(); }));
    BOOST_TEST(screen.read().find("\x1b[3") == std::string::npos, screen.read());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <regex>

#include "support/temp_dir.hpp"

namespace cpg {

namespace {

std::string written_by(log_settings settings, const std::function<void(logger&)>& use) {
    const test::temp_dir dir;
    settings.descriptor = ::open((dir / "log").c_str(), O_CREAT | O_WRONLY, 0600);
    logger log(settings);
    use(log);
    ::close(settings.descriptor);
    return test::read_text(dir / "log");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_suite)

BOOST_AUTO_TEST_CASE(a_text_line_has_time_level_message_and_fields) {
    const std::string line = written_by({}, [](logger& log) {
        log.info("policy written", {{"path", "policies/production/api-server.yaml"}, {"rules", 2}});
    });
    BOOST_TEST(
        std::regex_match(line, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z  INFO  policy written  )"
                                          R"(\{"path": "policies/production/api-server.yaml", "rules": 2\}\n)")));
}

BOOST_AUTO_TEST_CASE(a_json_line_is_one_object) {
    const std::string line = written_by({.json = true}, [](logger& log) {
        log.warn("odd", {{"labels", std::vector<std::string>{"a", "b\n"}}});
    });
    BOOST_TEST(std::regex_match(line, std::regex(R"(\{"ts":"[^"]+","level":"warn","msg":"odd",)"
                                                 R"("labels":\["a", "b\\u000a"\]\}\n)")));
}

BOOST_AUTO_TEST_CASE(lines_below_the_level_are_left_out) {
    BOOST_TEST(written_by({.level = log_level::warn}, [](logger& log) { log.info("no"); }).empty());
}

BOOST_AUTO_TEST_CASE(the_status_line_is_cleared_before_a_line_and_drawn_after_it) {
    const std::string out = written_by({}, [](logger& log) {
        log.set_status("10 flows/s");
        log.info("hello");
        log.set_status("");
    });
    BOOST_TEST(out.starts_with("\r\x1b[K10 flows/s\r\x1b[K2"));
    BOOST_TEST(out.ends_with("hello\n10 flows/s\r\x1b[K"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

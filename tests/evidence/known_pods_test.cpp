// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/known_pods.hpp"

#include <boost/test/unit_test.hpp>

#include "evidence/file.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

using namespace test;

namespace {

const known_pod api = {.pod_namespace = "prod", .cluster = "east", .labels = {{"app", "api"}}};
const known_pod web = {.pod_namespace = "prod", .cluster = {}, .labels = {{"app", "web"}, {"tier", "front"}}};

std::string problem_of(std::string_view text) {
    try {
        parse_known_pods(text);
        return {};
    } catch (const evidence_error& error) {
        return error.what();
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(known_pods_suite)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
    BOOST_TEST((parse_known_pods(known_pods_json({api, web})) == known_pods{api, web}));
    BOOST_TEST((parse_known_pods(known_pods_json({})) == known_pods{}));
}

BOOST_AUTO_TEST_CASE(a_session_adds_to_what_is_known_and_nothing_new_is_not_written) {
    const temp_dir dir;
    folder to(dir.path(), evidence_modes);
    BOOST_TEST(read_known_pods(dir.path()).empty());
    add_known_pods(to, {api});
    add_known_pods(to, {web});
    BOOST_TEST((read_known_pods(dir.path()) == known_pods{api, web}));
    const auto written = std::filesystem::last_write_time(known_pods_path(dir.path())) - std::chrono::hours(1);
    std::filesystem::last_write_time(known_pods_path(dir.path()), written);
    add_known_pods(to, {api});
    BOOST_TEST((std::filesystem::last_write_time(known_pods_path(dir.path())) == written));
}

BOOST_AUTO_TEST_CASE(damage_is_told_with_the_command_that_clears_it) {
    BOOST_TEST(problem_of("{") != "");
    BOOST_TEST(problem_of("[]") == "it is damaged: the document is no object");
    BOOST_TEST(problem_of(R"({"pods": 1})") == "it is damaged: pods is no list");
    BOOST_TEST(problem_of(R"({"pods": [{"namespace": 1}]})") == "it is damaged: namespace is no string");
    BOOST_TEST(problem_of(R"({"pods": [{"namespace": "a"}]})") == "it is damaged: labels is missing");
    const temp_dir dir;
    folder(dir.path()).replace(known_pods_path({}), "{", durability::lost_in_a_crash);
    BOOST_CHECK_EXCEPTION(read_known_pods(dir.path()), evidence_error, [](const evidence_error& error) {
        return std::string(error.what()).find("; clear it with: rm ") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

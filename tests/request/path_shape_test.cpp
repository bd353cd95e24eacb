// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/path_shape.hpp"

#include <re2/re2.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <random>

#include "request/l7_request.hpp"

namespace cpg {

namespace {

std::string collapsed(const std::set<std::string>& patterns) {
    std::set<std::string> written;
    for (const auto& [pattern, as] : collapsed_paths(patterns)) {
        if (pattern.find('[') == std::string::npos)
            BOOST_TEST(RE2::FullMatch(pattern.substr(1, pattern.find_first_of("($") - 1), RE2(as)),
                       pattern << " " << as);
        written.insert(as);
    }
    std::string out;
    for (const std::string& each : written)
        out += (out.empty() ? "" : " ") + each;
    return out;
}

std::size_t program_size(const std::string& pattern) {
    const RE2 compiled(pattern);
    BOOST_TEST_REQUIRE(compiled.ok(), pattern);
    return static_cast<std::size_t>(compiled.ProgramSize());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(path_shape_suite)

BOOST_AUTO_TEST_CASE(three_values_of_a_kind_become_one_pattern) {
    BOOST_TEST(collapsed({"^/users/1$", "^/users/22$", "^/users/333$"}) == "^/users/[0-9]+$");
    BOOST_TEST(collapsed({"^/users/1$", "^/users/22$"}) == "^/users/1$ ^/users/22$");
    BOOST_TEST(collapsed({"^/d/2026-01-01$", "^/d/2026-01-02$", "^/d/2026-01-03$"}) == "^/d/[0-9-]+$");
    BOOST_TEST(collapsed({"^/o/5f1c2a90-0000-4000-8000-0123456789ab$", "^/o/6f1c2a90-0000-4000-8000-0123456789AB$",
                          "^/o/7f1c2a90-0000-4000-8000-0123456789ab$"}) == "^/o/[0-9A-Fa-f-]+$");
    BOOST_TEST(collapsed({"^/b/0123456789abcdef$", "^/b/1123456789abcdef$", "^/b/2123456789abcdef$"}) ==
               "^/b/[0-9A-Fa-f]+$");
}

BOOST_AUTO_TEST_CASE(words_and_other_kinds_stay) {
    BOOST_TEST(collapsed({"^/a/red$", "^/a/green$", "^/a/blue$"}) == "^/a/blue$ ^/a/green$ ^/a/red$");
    BOOST_TEST(collapsed({"^/a/1$", "^/a/2026-01-01$", "^/a/x$"}) == "^/a/1$ ^/a/2026-01-01$ ^/a/x$");
    BOOST_TEST(collapsed({"^/v1/a$", "^/v2/a$", "^/v3/a$"}) == "^/v1/a$ ^/v2/a$ ^/v3/a$");
}

BOOST_AUTO_TEST_CASE(only_segments_that_vary_are_collapsed_and_a_query_of_one_is_one_of_all) {
    BOOST_TEST(collapsed({"^/u/1/o/7$", "^/u/2/o/7$", "^/u/3/o/7$"}) == "^/u/[0-9]+/o/7$");
    BOOST_TEST(collapsed({"^/u/1$", "^/u/2(\\?.*)?$", "^/u/3$"}) == "^/u/[0-9]+(\\?.*)?$");
}

BOOST_AUTO_TEST_CASE(what_was_collapsed_takes_further_values_in) {
    BOOST_TEST(collapsed({"^/u/[0-9]+$", "^/u/9$"}) == "^/u/[0-9]+$");
    BOOST_TEST(collapsed({"^/u/[0-9]+/o/1$", "^/u/9/o/2$"}) == "^/u/[0-9]+/o/1$ ^/u/[0-9]+/o/2$");
}

BOOST_AUTO_TEST_CASE(a_pattern_that_would_be_too_large_is_not_made) {
    const std::string tail(95, 'x');
    BOOST_TEST(collapsed({"^/u/1/" + tail + "$", "^/u/2/" + tail + "$", "^/u/3/" + tail + "$"}) ==
               "^/u/1/" + tail + "$ ^/u/2/" + tail + "$ ^/u/3/" + tail + "$");
}

// As RE2 measures it, and as Envoy therefore does.
BOOST_AUTO_TEST_CASE(no_pattern_is_larger_than_its_bound_or_than_envoy_takes) {
    std::mt19937 random(1);
    constexpr std::array parts = {
        "1",      "22",  "2026-01-01", "5f1c2a90-0000-4000-8000-0123456789ab", "0123456789abcdef", "user", "a.b",
        "x+y(z)", "%20", "",           "a-very-long-name-of-a-thing"};
    for (int round = 0; round < 300; ++round) {
        std::set<std::string> patterns;
        std::string fixed;
        for (int i = 0; i < 4; ++i)
            fixed += std::string("/") + parts[random() % parts.size()];
        for (int i = 0; i < 4; ++i) {
            std::string path = fixed + "/" + std::to_string(i) + "/" + parts[random() % parts.size()];
            if (random() % 2 == 0) path = "/" + std::to_string(i) + path;
            patterns.insert(path_pattern({.path = path, .has_query = random() % 3 == 0}));
        }
        for (const auto& [pattern, as] : collapsed_paths(patterns))
            for (const std::string& each : {pattern, as}) {
                BOOST_TEST(program_size(each) <= program_size_bound(each), each);
                BOOST_TEST(program_size(each) <= most_program_size, each);
            }
    }
}

BOOST_AUTO_TEST_CASE(paths_of_any_length_are_small_enough) {
    for (const std::size_t length : {1u, 100u, 8000u})
        for (const bool query : {false, true}) {
            const std::string path = "/" + std::string(length, 'x') + "/pkg.Service/Method";
            const std::string pattern = path_pattern({.path = path, .has_query = query});
            BOOST_TEST(program_size(pattern) <= program_size_bound(pattern));
            BOOST_TEST(program_size(pattern) <= most_program_size);
        }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/l7_request.hpp"

#include <re2/re2.h>

#include <array>
#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

struct url_case {
    std::string url;
    std::string pattern;  ///< empty: no rule
    std::string on_wire;  ///< what Envoy compares, without a query
};

const std::vector<url_case>& url_cases() {
    static const std::string long_path = "/" + std::string(8191, 'a');
    static const std::vector<url_case> cases = {
        {"http://api:8080/api/v1/users", "^/api/v1/users$", "/api/v1/users"},
        {"http://api/api", "^/api$", "/api"},
        {"https://[2001:db8::1]:8443/x", "^/x$", "/x"},
        {"http://user:secret@api/x", "^/x$", "/x"},
        {"http://api/x?token=secret", "^/x(\\?.*)?$", "/x"},
        {"http://api/x?", "^/x(\\?.*)?$", "/x"},
        {"http://api/x#part", "^/x$", "/x"},
        {"http://api/x?a=1#part", "^/x(\\?.*)?$", "/x"},
        {"http://api/x#part?no=query", "^/x$", "/x"},
        {"http://api/a%20b%2Fc", "^/a%20b%2Fc$", "/a%20b%2Fc"},
        {"http://api//double", "^//double$", "//double"},
        {"//double", "^//double$", "//double"},
        {"//double/a@b", "^//double/a@b$", "//double/a@b"},
        {"//user:secret@api/x", "^/x$", "/x"},
        {"//user:secret@api", "^/$", "/"},
        {"//user:secret@api?x=a@b", "^/(\\?.*)?$", "/"},
        {"/bare/path", "^/bare/path$", "/bare/path"},
        {"http://api", "^/$", "/"},
        {"http://api?x=1", "^/(\\?.*)?$", "/"},
        {"http://api/", "^/$", "/"},
        {"http://api/v1.0/(a+b)*[c]{d}|e^f$g\\h", "^/v1\\.0/\\(a\\+b\\)\\*\\[c\\]\\{d\\}\\|e\\^f\\$g\\\\h$",
         "/v1.0/(a+b)*[c]{d}|e^f$g\\h"},
        {"http://api/pkg.Service/Method", "^/pkg\\.Service/Method$", "/pkg.Service/Method"},
        {"http://api/a://b", "^/a://b$", "/a://b"},
        {"http://api" + long_path, "^" + long_path + "$", long_path},
        {"http://api" + long_path + "b", "", ""},
        {"", "", ""},
        {"*", "", ""},
        {"http://api*", "", ""},
        {"api:443", "", ""},
        {"http://api/caf\xc3\xa9", "", ""},
        {"http://api/a b", "", ""},
        {"http://api/a\nb", "", ""},
        {std::string("http://api/a\0b", 14), "", ""},
    };
    return cases;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(l7_request_suite)

BOOST_AUTO_TEST_CASE(each_form_of_url_gives_its_pattern_or_none) {
    for (const url_case& each : url_cases()) {
        const auto target = http_target_of(each.url);
        BOOST_TEST_CONTEXT("url " << each.url.substr(0, 60)) {
            BOOST_TEST(target.has_value() == !each.pattern.empty());
            if (target) BOOST_TEST(path_pattern(*target) == each.pattern);
        }
    }
}

// Envoy takes RE2 with a full match and refuses programs above 100 (cilium#41314).
BOOST_AUTO_TEST_CASE(each_pattern_compiles_within_the_limit_and_matches_its_request_alone) {
    for (const url_case& each : url_cases()) {
        const auto target = http_target_of(each.url);
        if (!target) continue;
        const RE2 pattern(path_pattern(*target));
        BOOST_TEST_CONTEXT("url " << each.url.substr(0, 60)) {
            BOOST_REQUIRE(pattern.ok());
            BOOST_TEST(pattern.ProgramSize() <= 100);
            BOOST_TEST(RE2::FullMatch(each.on_wire, pattern));
            BOOST_TEST(RE2::FullMatch(each.on_wire + "?limit=5", pattern) == target->has_query);
            BOOST_TEST(!RE2::FullMatch(each.on_wire + "/more", pattern));
            BOOST_TEST(!RE2::FullMatch("/other" + each.on_wire, pattern));
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_but_the_path_comes_out_of_a_url) {
    const auto target = http_target_of("https://alice:hunter2@vault.example:8200/v1/key?token=s3cr3t#frag");
    BOOST_REQUIRE(target.has_value());
    BOOST_TEST(path_pattern(*target) == "^/v1/key(\\?.*)?$");
}

BOOST_AUTO_TEST_CASE(methods_are_tokens) {
    for (const char* text : {"GET", "get", "M-SEARCH", "X_1"})
        BOOST_TEST(is_http_method(text));
    for (const std::string& text : {std::string(), std::string("GET /"), std::string("G.T"), std::string(33, 'A')})
        BOOST_TEST(!is_http_method(text));
}

BOOST_AUTO_TEST_CASE(dns_names_are_lower_case_without_the_trailing_dot) {
    BOOST_TEST(dns_name_of("API.Example.COM.").value() == "api.example.com");
    BOOST_TEST(dns_name_of("_grpc._tcp.x").value() == "_grpc._tcp.x");
    BOOST_TEST(dns_name_of("localhost").value() == "localhost");
}

BOOST_AUTO_TEST_CASE(names_that_cilium_refuses_give_nothing) {
    const std::string long_label(64, 'a');
    std::string long_name = "a";
    while (long_name.size() <= 255)
        long_name += ".abcdefgh";
    for (const std::string& name :
         {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"),
          std::string("*.example.com"), std::string("caf\xc3\xa9.example"), std::string("a/b"), long_label, long_name,
          std::string("a\n.b")})
        BOOST_TEST_CONTEXT("name " << name) BOOST_TEST(!dns_name_of(name).has_value());
}

BOOST_AUTO_TEST_CASE(lists_of_names_are_sorted_without_repetition) {
    const std::array<std::string_view, 4> names = {"b.example.", "A.example", "b.example", "not valid"};
    BOOST_TEST(dns_names_of(names) == (std::vector<std::string>{"a.example", "b.example"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/yaml_guard.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <random>

#include "support/patience.hpp"

namespace cpg {

namespace {

constexpr yaml_limits few = {.bytes = 1U << 20U, .nodes = 100, .depth = 8};

std::string verdict(std::string_view text, const yaml_limits& limits = few) {
    try {
        check_yaml(text, limits);
        return "fine";
    } catch (const yaml_refused& error) {
        return std::to_string(error.line) + ":" + std::to_string(error.column) + " " + error.what();
    }
}

std::string repeated(std::string_view part, std::size_t count) {
    std::string out;
    while (count-- > 0)
        out += part;
    return out;
}

// Each level has the one before ten times.
std::string bomb(int levels) {
    std::string out = "a0: &a0 x\n";
    for (int level = 1; level <= levels; ++level) {
        const std::string alias = "*a" + std::to_string(level - 1);
        out += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + repeated(alias + " , ", 9) +
               alias + "]\n";
    }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(yaml_guard_suite)

BOOST_AUTO_TEST_CASE(usual_texts_pass) {
    for (const char* text : {"", "# nothing", "a: 1", "---\n---\n", "--- a\n--- b\n...\n...\n", "{a: [b, c,]}",
                             "a: &x {b: c}\nd: *x\ne: {<<: *x}", "- |\n  ,\n- ','\n",
                             "\xef\xbb\xbf"
                             "a: b"})
        BOOST_TEST(verdict(text) == "fine", text);
}

// As in a file that was cut.
BOOST_AUTO_TEST_CASE(a_quote_that_is_never_closed_is_no_yaml) {
    for (const char* text : {"a: \"b", "a: \"b\n", "a: \"b\n  \n", "a: 'b\n", "- b\n- !!str 'c\r\n", "&x \"a\n\t",
                             "\"a: b\n", "a: b\n\"c: d\n", "--- a\n--- \"b\n"})
        BOOST_TEST(verdict(text).ends_with("illegal EOF in scalar"), text);
    for (const char* text :
         {"a: \"b\"\n", "a: 'b' \n\n", "a: !!str b\n", "\"a\": |+\n  b\n\n", "\"a\": b # \"\n", "a: ''\n"})
        BOOST_TEST(verdict(text) == "fine", text);
}

// Everything at which yaml-cpp takes a document for empty and stays where it is.
BOOST_AUTO_TEST_CASE(a_stray_comma_does_not_hold_the_reader_for_ever) {
    const std::string text = "a character that begins no value";
    BOOST_TEST(verdict(",") == "1:1 " + text);
    BOOST_TEST(verdict("- a\n,\n- b") == "2:1 " + text);
    BOOST_TEST(verdict("--- ,") == "1:5 " + text);
    BOOST_TEST(verdict("&a ,") == "1:4 " + text);
    BOOST_TEST(verdict("!t ,") == "1:4 " + text);
    BOOST_TEST(verdict("[a],") == "1:4 " + text);
    BOOST_TEST(verdict(",", {.first_document = true}) == "1:1 " + text);
    for (const char* wrong : {"a: 1\n,", "}, {", "],", "a: ,", "- ,", "a: ]", "[a]]", "a: [", "*nothing"})
        BOOST_TEST(verdict(wrong) != "fine", wrong);
}

BOOST_AUTO_TEST_CASE(an_alias_inside_of_its_anchor_is_refused) {
    const std::string text = "an alias inside of what it stands for";
    BOOST_TEST(verdict("&x [*x ]") == "1:5 " + text);
    BOOST_TEST(verdict("a: &x\n  b: {c: [*x ]}") == "2:11 " + text);
    BOOST_TEST(verdict("&x {*x : a}") == "1:5 " + text);
    BOOST_TEST(verdict("[&x a, &x [*x ]]") == "1:12 " + text);
    BOOST_TEST(verdict("[&x a, *x , &x b, *x ]") == "fine");
}

BOOST_AUTO_TEST_CASE(nodes_are_counted_as_often_as_aliases_name_them) {
    BOOST_TEST(verdict(bomb(1)) == "fine");
    BOOST_TEST(verdict(bomb(2)) == "3:52 more than 100 nodes");
    const yaml_limits wide = {.nodes = 1'000'000};
    BOOST_TEST(verdict(bomb(5), wide) == "fine");
    BOOST_TEST(verdict(bomb(60), wide).ends_with("more than 1000000 nodes"));
    BOOST_TEST(verdict("[" + repeated("a,", 98) + "a]") == "fine");
    BOOST_TEST(verdict("[" + repeated("a,", 99) + "a]") == "1:200 more than 100 nodes");
    BOOST_TEST(verdict(repeated("---\n", 101)) == "102:1 more than 100 nodes");
}

BOOST_AUTO_TEST_CASE(depth_is_counted_through_aliases) {
    BOOST_TEST(verdict(repeated("[", 8) + repeated("]", 8)) == "fine");
    BOOST_TEST(verdict(repeated("[", 8) + "a" + repeated("]", 8)) == "fine");
    BOOST_TEST(verdict(repeated("[", 10) + repeated("]", 10)) == "1:10 nested too deeply");
    BOOST_TEST(verdict("- &a [[[[a]]]]\n- [[[*a ]]]") == "fine");
    BOOST_TEST(verdict("- &a [[[[a]]]]\n- [[[[*a ]]]]") == "2:7 nested too deeply");
    BOOST_TEST(verdict("- &a [[[[a]]]]\n- &b [[*a ]]\n- [[*b ]]").ends_with("nested too deeply"));
    BOOST_TEST(verdict(repeated("[", 100'000)).ends_with("nested too deeply"));
}

BOOST_AUTO_TEST_CASE(bytes_are_bounded) {
    BOOST_TEST(verdict("abcd", {.bytes = 4}) == "fine");
    BOOST_TEST(verdict("abcde", {.bytes = 4}) == "1:1 more than 4 bytes");
}

BOOST_AUTO_TEST_CASE(of_several_documents_a_reader_may_want_only_the_first) {
    const yaml_limits first = {.first_document = true};
    BOOST_TEST(verdict("a: b\n---\n{{{{", first) == "fine");
    BOOST_TEST(verdict("a: b\n---\n{{{{") != "fine");
}

BOOST_AUTO_TEST_CASE(no_small_text_hangs) {
    constexpr std::string_view characters = "{}[],:&*a- \n#'\"|>?!%@";
    std::mt19937 random(7);       // NOLINT: the same texts every time
    ::alarm(test::patient(60U));  // ends the test program when a text does hang
    for (int round = 0; round < 2000; ++round) {
        std::string text(1 + random() % 40, ' ');
        for (char& c : text)
            c = characters[random() % characters.size()];
        verdict(text);
    }
    ::alarm(0);
}

// A megabyte of one thing: each takes far less than the second that is allowed here for slow machines.
BOOST_AUTO_TEST_CASE(large_texts_are_refused_or_read_soon) {
    for (const char* part :
         {"[", "{", "- ", "? ", "a: ", "&a ", "*a ", "!t ", "'", "\"", "[a, ", "{a: ", "---\n", ","}) {
        const std::string text = repeated(part, (1U << 20U) / std::string_view(part).size());
        const auto start = std::chrono::steady_clock::now();
        verdict(text);
        BOOST_TEST((std::chrono::steady_clock::now() - start < test::patient(std::chrono::seconds(5))), part);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

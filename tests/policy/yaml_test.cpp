// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <random>

#include "base/limits.hpp"
#include "support/yaml_string.hpp"

namespace cpg {

namespace {

// Text that some YAML reader takes for something else than itself, or that would end a value, a line or a document.
const std::array<std::string, 82> tricky = {"",
                                            " ",
                                            "yes",
                                            "Yes",
                                            "no",
                                            "NO",
                                            "on",
                                            "off",
                                            "y",
                                            "n",
                                            "Y",
                                            "true",
                                            "True",
                                            "FALSE",
                                            "null",
                                            "Null",
                                            "~",
                                            "1",
                                            "-1",
                                            "+1",
                                            "1.0",
                                            "1e3",
                                            "1E+3",
                                            ".5",
                                            "0x10",
                                            "0o17",
                                            "017",
                                            "0b101",
                                            "1_000",
                                            "12:30:45",
                                            "1:30",
                                            "2024-01-01",
                                            "2024-01-01T00:00:00Z",
                                            ".inf",
                                            "-.Inf",
                                            ".nan",
                                            "=",
                                            "<<",
                                            "- a",
                                            "-",
                                            "--- a",
                                            "---",
                                            "...",
                                            "? a",
                                            "a: b",
                                            "a:",
                                            ":a",
                                            "/a:",
                                            "1:",
                                            "a/:",
                                            "a #b",
                                            "#a",
                                            "a#b",
                                            "[a]",
                                            "{a}",
                                            "a, b",
                                            "]",
                                            "&a",
                                            "*a",
                                            "!a",
                                            "!!str a",
                                            "|",
                                            ">",
                                            "'a'",
                                            "\"a\"",
                                            "it's",
                                            "\"",
                                            "\\",
                                            "\\n",
                                            "%a",
                                            "@a",
                                            "`a`",
                                            " a",
                                            "a ",
                                            "a\nb",
                                            "a\tb",
                                            "\n",
                                            "\r\n",
                                            "a\u2028b",
                                            "\u00e4",
                                            "\U0001F600",
                                            "^/api/v1/\\.x(\\?.*)?$"};

std::string round_trip(const std::string& text) {
    return YAML::Load(text).Scalar();
}

void check_value(const std::string& text) {
    const std::string block = emit_block(tree::map({{"key", tree(text)}}), 0);
    const YAML::Node read = YAML::Load(block)["key"];
    BOOST_TEST(read.Scalar() == text, block);
    BOOST_TEST(test::is_yaml_string(read), block);
    const YAML::Node item = YAML::Load(emit_block(tree::list({tree(text), tree("last")}), 2));
    BOOST_TEST(item.size() == 2u);
    BOOST_TEST(item[0].Scalar() == text);
    const YAML::Node flow = YAML::Load("[" + emit_flow(tree(text)) + "]");
    BOOST_TEST(flow.size() == 1u);
    BOOST_TEST(flow[0].Scalar() == text);
    BOOST_TEST(test::is_yaml_string(flow[0]));
}

void check_key(const std::string& text) {
    const YAML::Node read = YAML::Load(emit_block(tree::map({{text, "value"}, {"last", "x"}}), 4));
    BOOST_TEST(read.size() == 2u);
    BOOST_TEST(read.begin()->first.Scalar() == text);
    BOOST_TEST(test::is_yaml_string(read.begin()->first), text);
}

std::string random_text(std::mt19937& random) {
    static const std::string alphabet = "aZ09.:/-_ #'\"\\,[]{}&*!|>%@`=<?~\n\tey";
    std::string out;
    for (std::size_t i = random() % 8; i > 0; --i)
        out += alphabet[random() % alphabet.size()];
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(yaml_suite)

BOOST_AUTO_TEST_CASE(text_that_looks_like_something_else_comes_back_as_itself) {
    for (const std::string& text : tricky) {
        check_value(text);
        check_key(text);
    }
}

BOOST_AUTO_TEST_CASE(random_text_comes_back_as_itself) {
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
        const std::string text = random_text(random);
        check_value(text);
        check_key(text);
    }
}

BOOST_AUTO_TEST_CASE(what_is_written_plain_is_a_string_for_every_reader) {
    std::mt19937 random(8);
    for (int i = 0; i < 5000; ++i) {
        const std::string text = random_text(random);
        if (is_plain_string(text)) BOOST_TEST(test::plain_reads_as_string(text), text);
    }
    for (const std::string& text : tricky)
        if (is_plain_string(text)) BOOST_TEST(test::plain_reads_as_string(text), text);
}

BOOST_AUTO_TEST_CASE(control_characters_are_written_as_escapes) {
    const std::string out = emit_block(tree::map({{"key", tree("a\x1b[31m\x7f\u0085")}}), 0);
    BOOST_TEST(out == "key: \"a\\u001b[31m\\u007f\\u0085\"\n");
}

BOOST_AUTO_TEST_CASE(a_number_is_not_quoted_and_a_string_of_digits_is) {
    BOOST_TEST(emit_block(tree::map({{"type", tree::number(8)}, {"port", tree("8")}}), 0) == "type: 8\nport: \"8\"\n");
}

BOOST_AUTO_TEST_CASE(a_comment_can_not_end_its_line) {
    const std::string out = emit_item(tree::map({{"a", "b"}}), 0, "x\n- evil: true\r\x1b[2J");
    BOOST_TEST(YAML::Load(out).size() == 1u);
    BOOST_TEST(out == "# x\\u000a- evil: true\\u000d\\u001b[2J\n- a: b\n");
}

BOOST_AUTO_TEST_CASE(a_value_knows_where_it_stands_and_how_far_it_reaches) {
    const yaml_file file = read_yaml("a:\n  - b: 1\n    c:\n      - d\n\nlast: [x,\n y]\nnothing:\n");
    const tree& document = file.documents.at(0);
    const yaml_place& list = file.places.of(*document.find("a"));
    BOOST_TEST((list.line == 1u && list.column == 2u && list.last_line == 3u && list.key_line == 0u));
    const yaml_place& c = file.places.of(*document.find("a")->items[0].find("c"));
    BOOST_TEST((c.key_line == 2u && c.key_column == 4u && c.line == 3u && c.column == 6u));
    const yaml_place& last = file.places.of(*document.find("last"));
    BOOST_TEST((last.flow_style && last.line == 5u && last.column == 6u && last.last_line == 6u));
    const yaml_place& nothing = file.places.of(*document.find("nothing"));
    BOOST_TEST((nothing.key_line == 7u && nothing.line == 0u));
    BOOST_TEST(file.places.of(document).last_line == 7u);
}

BOOST_AUTO_TEST_CASE(a_copy_has_the_place_of_what_it_was_copied_from_and_a_new_value_has_none) {
    const yaml_file file = read_yaml("- a\n- b\n");
    const tree copy = file.documents.at(0).items.at(1);
    BOOST_TEST(file.places.of(copy).line == 1u);
    BOOST_TEST(file.places.of(tree("b")).line == 0u);
}

BOOST_AUTO_TEST_CASE(empty_collections_stand_on_one_line) {
    BOOST_TEST(emit_block(tree::map({{"a", tree::list({})}, {"b", tree::map({})}, {"c", tree()}}), 0) ==
               "a: []\nb: {}\nc: null\n");
}

BOOST_AUTO_TEST_CASE(reading_tells_strings_from_other_scalars) {
    const std::vector<tree> documents = parse_yaml("a: \"8080\"\nb: 8080\nc: !!str 8080\nd: '8080'\n");
    BOOST_TEST_REQUIRE(documents.size() == 1u);
    const tree& document = documents[0];
    BOOST_TEST(same_value(*document.find("a"), *document.find("d")));
    BOOST_TEST(same_value(*document.find("a"), *document.find("c")));
    BOOST_TEST(!same_value(*document.find("a"), *document.find("b")));
}

BOOST_AUTO_TEST_CASE(what_kubernetes_would_refuse_is_refused_with_its_place) {
    const auto problem = [](const std::string& text) {
        try {
            parse_yaml(text);
        } catch (const yaml_error& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    BOOST_TEST(problem("a: 1\nb: 2\na: 3\n") == "the key \"a\" stands twice, line 3, column 1");
    BOOST_TEST(problem("a: [\n").find("line ") != std::string::npos);
    BOOST_TEST(problem("? [a]\n: b\n").find("not a string") != std::string::npos);
    BOOST_TEST(problem("a: *nothing\n").find("line 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_return_at_the_end_is_a_line_break) {
    for (const char* const end : {"", "\n", "\r", "\r\n"}) {
        const std::vector<tree> documents = parse_yaml("a: 1\r\nb:" + std::string(end));
        BOOST_TEST_REQUIRE(documents.size() == 1u);
        BOOST_TEST(documents[0].find("b"));
    }
}

BOOST_AUTO_TEST_CASE(each_use_of_an_alias_is_a_value_of_its_own_that_stands_where_its_anchor_does) {
    const yaml_file file = read_yaml("&name a: &list [1, {b: 2}]\nc: *list\nd:\n- *list\n- {*name : 3}\n");
    const tree& document = file.documents.at(0);
    BOOST_TEST(same_value(*document.find("a"), *document.find("c")));
    BOOST_TEST(document.find("a")->place != document.find("c")->place);
    const yaml_place& used = file.places.of(*document.find("c"));
    BOOST_TEST((used.line == 0u && used.column == 9u && used.key_line == 1u && used.flow_style));
    const tree& items = *document.find("d");
    const yaml_place& item = file.places.of(items.items.at(0));
    BOOST_TEST((item.line == 0u && item.key_line == 0u && item.key_column == 0u));
    BOOST_TEST(items.items.at(1).text_of("a") == "3");
    BOOST_TEST(file.places.of(document).last_line == 4u);
    BOOST_CHECK_EXCEPTION(read_yaml("a: &list [1]\n*list : 2\n"), yaml_error, [](const yaml_error& error) {
        return error.what() == std::string("a key that is not a string, line 2, column 1");
    });
}

BOOST_AUTO_TEST_CASE(aliases_that_multiply_are_refused_before_they_fill_the_memory) {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int j = 0; j < 9; ++j)
            text += ", " + before;
        text += "]\n";
    }
    BOOST_CHECK_THROW(parse_yaml(text), yaml_error);
}

// Each keeps what is in it, for the aliases that may come.
BOOST_AUTO_TEST_CASE(anchors_inside_of_each_other_that_hold_much_are_refused_before_they_fill_the_memory) {
    const auto nested = [](int anchors, std::size_t values) {
        std::string text;
        for (int i = 0; i < anchors; ++i)
            text += "&a" + std::to_string(i) + " [";
        for (std::size_t i = 0; i < values; ++i)
            text += "x,";
        return text + std::string(static_cast<std::size_t>(anchors), ']') + "\n";
    };
    BOOST_TEST(parse_yaml(nested(60, 100)).size() == 1u);
    BOOST_CHECK_EXCEPTION(parse_yaml(nested(60, limits::yaml_nodes / 50)), yaml_error, [](const yaml_error& error) {
        return error.what() == std::string("anchors of too many values");
    });
}

BOOST_AUTO_TEST_CASE(a_value_that_contains_itself_is_refused) {
    BOOST_CHECK_THROW(parse_yaml("a: &a\n  b: *a\n"), yaml_error);
}

// yaml-cpp 0.7 alone reads documents from it without end.
BOOST_AUTO_TEST_CASE(a_stray_comma_is_refused) {
    BOOST_CHECK_THROW(parse_yaml(","), yaml_error);
    BOOST_CHECK_THROW(parse_yaml("- a\n,\n- b\n"), yaml_error);
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused) {
    BOOST_CHECK_THROW(parse_yaml(std::string(100, '[') + std::string(100, ']')), yaml_error);
    BOOST_CHECK_THROW(parse_yaml(std::string(100'000, '[')), yaml_error);
    std::string nested;
    for (std::size_t i = 0; i < 500; ++i)
        nested += std::string(i, ' ') + "a:\n";
    BOOST_CHECK_THROW(parse_yaml(nested), yaml_error);
}

BOOST_AUTO_TEST_CASE(regular_expressions_read_well_in_single_quotes) {
    const std::string path = "^/api/v1\\.0/it's(\\?.*)?$";
    const std::string out = emit_block(tree::map({{"path", tree(path)}}), 0);
    BOOST_TEST(out == "path: '^/api/v1\\.0/it''s(\\?.*)?$'\n");
    BOOST_TEST(round_trip(out.substr(6)) == path);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

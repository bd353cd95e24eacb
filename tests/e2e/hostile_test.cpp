// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A capture made to do harm: nothing of it reaches a path, YAML or a terminal as anything but text.

#include <yaml-cpp/yaml.h>

#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"
#include "support/allowed.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

using test::flow_line;
using test::has;
using test::run_result;
using test::workplace;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    BOOST_TEST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

// JSON escapes: what stands in the file is `\n`, what the decoder sees is a line break.
const std::vector<std::string> evil_texts = {"../../x",
                                             "..",
                                             ".",
                                             "/etc/passwd",
                                             "a/b",
                                             R"(a\nspec:\n  ingress:\n    - {})",
                                             R"(a\r\n# x)",
                                             R"(\u001b[2J\u001b[31mred)",
                                             R"(a\u0000b)",
                                             R"(a\u2028b)",
                                             R"(\u202egnp)",
                                             std::string(10'000, 'a'),
                                             "{}",
                                             "[x]",
                                             "*alias",
                                             "&anchor",
                                             "!tag",
                                             "- x",
                                             "? x",
                                             "a: b",
                                             "a #b",
                                             "'",
                                             "%",
                                             "|",
                                             ">",
                                             "--- ",
                                             "...",
                                             R"(\u0085)",
                                             R"(\ud83d\ude00)",
                                             " "};

std::string hostile_capture() {
    std::string out = flow_line("good", 80);
    for (const std::string& text : evil_texts) {
        out += flow_line(text, 81);
        out += flow_line("good", 82, text);
        out += flow_line("good", 83, "cart", text);
        out += replaced(flow_line("good", 84), "\"k8s:app=good\"", "\"k8s:" + text + "=v\"");
        out += replaced(flow_line("good", 85), "\"n\"}", "\"" + text + "\"}");
        out += replaced(flow_line("good", 86), "POLICY_DENIED", text);
    }
    out += flow_line("good", 70000) + flow_line("good", 0);
    out += std::string(1'000'000, '[') + "\n" + "{\"flow\":" + std::string(500'000, '{') + "\n";
    out += replaced(flow_line("good", 87), "\"verdict\"", "\"verdict\":\"FORWARDED\",\"verdict\"");
    out += replaced(flow_line("good", 88), "app=good", std::string("app=g\0d", 7));
    out += replaced(flow_line("good", 89), "app=good", "app=\xff\xfe");
    out += replaced(flow_line("good", 90), "10.0.0.1", "0.0.0.0/0");
    out += replaced(replaced(flow_line("good", 91), "\"namespace\":\"shop\",\"labels\":[\"k8s:app=good\"]",
                             "\"labels\":[\"reserved:world\"]"),
                    "10.0.0.1", "1.2.3.4\\n- 0.0.0.0/0");
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_suite)

BOOST_AUTO_TEST_CASE(a_hostile_capture_writes_only_what_was_meant_and_counts_the_rest) {
    const workplace at;
    const run_result ran = at.run({"replay", "--debug", "-"}, hostile_capture());
    BOOST_TEST(ran.exit_code == 0, ran.err.substr(0, 2000));
    BOOST_TEST(at.outside().empty());
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
    const auto files = at.files(".");
    for (const auto& [path, text] : files)
        BOOST_TEST(path.starts_with("policies/shop/"), path);
    const auto facts = test::allowed_facts(files.at("policies/shop/cart.yaml"));
    BOOST_TEST(facts.contains("{matchLabels: {app: cart}} ingress fromEndpoints {matchLabels: {app: good}} TCP/80-"));
    for (const std::string& fact : facts)
        BOOST_TEST((has(fact, "{app: good}") || has(fact, "{a/b: v}")), fact);
    BOOST_TEST(has(ran.err, "\"invalid_name\": "));
    BOOST_TEST(has(ran.err, "\"unknown_drop_reason\": "));
}

BOOST_AUTO_TEST_CASE(no_control_character_of_a_flow_reaches_the_streams) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"replay", "--debug", "-"},
                                                  {"replay", "--debug", "--json", "-"},
                                                  {"replay", "--dry-run", "-"}}) {
        const workplace at;
        const run_result ran = at.run(words, hostile_capture());
        for (const std::string* stream : {&ran.out, &ran.err})
            for (const std::string_view bad : {"\x1b", "\r", "\u2028", "\u0085", "\u202e", "\x7f"})
                BOOST_TEST(!has(*stream, bad));
        BOOST_TEST(ran.out.find('\0') == std::string::npos);
        BOOST_TEST(ran.err.find('\0') == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(labels_that_look_like_other_yaml_values_stay_strings) {
    const workplace at;
    for (const std::string word : {"yes", "1.0", "0x10", "2024-01-01", "null", "true", "1e3", "off", "123"})
        BOOST_TEST(at.run({"replay", "-"}, flow_line(word, 80, "app-" + word.substr(0, 1))).exit_code == 0);
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
}

BOOST_AUTO_TEST_CASE(names_made_valid_do_not_collide) {
    const workplace at;
    std::string input;
    for (const char* name : {"My_App", "my_app", "my.app", "MY-APP", "my-app"})
        input += flow_line("a", 80, name);
    BOOST_TEST(at.run({"replay", "-"}, input).exit_code == 0);
    BOOST_TEST(at.files().size() == 5u);
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

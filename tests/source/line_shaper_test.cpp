// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/line_shaper.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "base/text.hpp"

namespace cpg {

namespace {

std::string shaped(const std::string& text, std::size_t step = 1) {
    line_cutter lines;
    line_shaper shaper(lines);
    for (std::size_t at = 0; at < text.size(); at += step) {
        shaper.input() += text.substr(at, step);
        shaper.pass_on();
    }
    shaper.finish();
    return std::move(lines.buffer());
}

/// The lines that are not blank, without blanks, each with its number.
std::string lines_of(const std::string& text) {
    std::string out;
    const std::string all = shaped(text);
    for (const std::size_t step : {std::size_t{2}, std::size_t{7}, text.size() + 1})
        BOOST_TEST(shaped(text, step) == all, step);
    std::size_t number = 0;
    for (const std::string_view line : split(all, '\n')) {
        ++number;
        if (trim(line).empty()) continue;
        std::string bare(line);
        std::erase(bare, ' ');
        out += std::to_string(number) + bare + "\n";
    }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_shaper_suite)

BOOST_AUTO_TEST_CASE(lines_go_straight_through) {
    for (const std::string text : {"{}\n{\"a\":1}\n", "\n\n{}\nbroken\n", "text\n{\n}\n", "[pod/a/b] {}\n", "{\"cut",
                                   "", "\n", "{\"cut\n{}\n", "{} {}\n", "\xEF\xBB\xBF{}\n{}\n", "42\n"})
        BOOST_TEST(shaped(text) == text, text);
}

BOOST_AUTO_TEST_CASE(pretty_printed_values_become_lines_with_the_numbers_of_their_first) {
    BOOST_TEST(lines_of("{\n  \"a\": [\n    1\n  ]\n}\n{\n  \"b\": 2\n}\n") == "1{\"a\":[1]}\n6{\"b\":2}\n");
    BOOST_TEST(lines_of("\n\n{\n\"a\": \"x } \\\" {\"\n}\n\n{\n}\n") == "3{\"a\":\"x}\\\"{\"}\n7{}\n");
    BOOST_TEST(lines_of("{\r\n  \"a\": 1\r\n}\r\n") == "1{\r\"a\":1\r}\n");
    BOOST_TEST(lines_of("{\n  \"a\": 1\n}") == "1{\"a\":1}\n");
}

BOOST_AUTO_TEST_CASE(arrays_are_taken_apart) {
    BOOST_TEST(lines_of("[{\"a\":1},{\"b\":[{}]}]") == "1{\"a\":1}\n2{\"b\":[{}]}\n");
    BOOST_TEST(lines_of("[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": 2\n  }\n]\n") == "2{\"a\":1}\n5{\"b\":2}\n");
    BOOST_TEST(lines_of("[[{}],[{}]]\n[]\n{}\n") == "1{}\n2{}\n4{}\n");
    BOOST_TEST(lines_of("[]") == "");
}

BOOST_AUTO_TEST_CASE(values_without_a_line_break_between_them_become_lines) {
    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += "{\"number\":" + std::to_string(i) + "}";
    const std::string out = shaped(text, 65536);
    BOOST_TEST(std::ranges::count(out, '\n') == 99'999);
    BOOST_TEST(out.ends_with("{\"number\":99999}"));
}

BOOST_AUTO_TEST_CASE(a_value_that_was_cut_off_does_not_take_the_next_along) {
    BOOST_TEST(lines_of("{\n  \"a\": 1\n}\n{\n  \"b\": \n{\n  \"c\": 3\n}\n") == "1{\"a\":1}\n4{\"b\":\n6{\"c\":3}\n");
    BOOST_TEST(lines_of("{\n  \"a\": \"te\n{\n  \"c\": 3\n}\n") == "1{\"a\":\"te\n3{\"c\":3}\n");
    BOOST_TEST(lines_of("{\n  \"a\": [\n    {\n{\n  \"c\": 3\n}\n") == "1{\"a\":[{\n4{\"c\":3}\n");
    BOOST_TEST(lines_of("{\n  \"a\": 1\n}\ngarbage { here\n{\n  \"c\": 3\n}\n") ==
               "1{\"a\":1}\n4garbage{here\n5{\"c\":3}\n");
}

BOOST_AUTO_TEST_CASE(parts_of_a_line_in_a_container_log_are_put_together) {
    const std::string at = "2026-01-14T09:00:00.123456789Z ";
    BOOST_TEST(shaped(at + "stdout F {}\n" + at + "stdout F:x {}\n") == "{}\n{}\n");
    const std::string cri = at + "stdout F {}\n" + at + "stdout P {\"a\":\n" + at + "stderr F other\n" + at +
                            "stdout P \"b\"\n" + at + "stdout F }\nno such line\n" + at + "stdout F {}";
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, cri.size()})
        BOOST_TEST(shaped(cri, step) == "{}\nother\n{\"a\":\"b\"}\n\n\nno such line\n{}\n");
    const std::string whole = R"({"log":"{\"a\":1}\n","stream":"stdout","time":"x"})"
                              "\n";
    BOOST_TEST(shaped(whole + whole) == whole + whole);
    BOOST_TEST(shaped(whole +
                      R"({"log":"{\"a\":","stream":"stdout","time":"x"})"
                      "\n" +
                      R"({"log":"2}\n","stream":"stdout","time":"x"})"
                      "\n") == whole + R"({"log":"{\"a\":2}\n"})"
                                       "\n\n");
    BOOST_TEST(shaped(at + "stdout P {\"cut\n") == "{\"cut\n");
}

BOOST_AUTO_TEST_CASE(nesting_without_end_is_given_up) {
    std::string text = "{\n";
    for (int i = 0; i < 100'000; ++i)
        text += "[";
    const std::string out = shaped(text + "\n{\n\"c\": 3\n}\n", 4096);
    BOOST_TEST(out.find("{ \"c\": 3 }") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(any_text_comes_out_the_same_in_pieces_of_any_size) {
    std::mt19937 random(7);
    constexpr std::string_view letters = "{}[]\",:\\ \n\n{ax";
    for (int i = 0; i < 2000; ++i) {
        std::string text = i % 2 ? "{\n" : "[";
        for (int length = static_cast<int>(random() % 60); length > 0; --length)
            text += letters[random() % letters.size()];
        const std::string whole = shaped(text, text.size());
        BOOST_TEST(shaped(text, 1) == whole, text);
        BOOST_TEST(shaped(text, 5) == whole, text);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

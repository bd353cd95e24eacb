// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The same lines with and without shortcuts.
#include "decode/plain_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "decode/json_decoder.hpp"
#include "support/batch_text.hpp"
#include "support/data.hpp"

namespace cpg {

namespace {

// What a decoder makes of lines that come one after the other.
class reader {
  public:
    explicit reader(shortcuts taken) : decoder_(cache_, taken) {}

    std::string read(const std::string& line) {
        flow_batch batch;
        batch.bytes = line;
        decoder_.decode_lines(batch, 1);
        return test::whole_text(batch);
    }

  private:
    label_table labels_;
    decode_cache cache_{labels_};
    json_decoder decoder_;
};

class both_readers {
  public:
    void check(const std::string& line) {
        const std::string expected = slow_.read(line);
        BOOST_REQUIRE_MESSAGE(fast_.read(line) == expected, line);
    }

  private:
    reader fast_{shortcuts::taken};
    reader slow_{shortcuts::none};
};

std::vector<std::string> sample_lines() {
    std::vector<std::string> out;
    for (const char* name : {"sample-flows.jsonl", "sample-flows-odd.jsonl", "explain.jsonl"})
        for (std::string& line : test::lines_of(test::data_text(name)))
            if (!line.empty()) out.push_back(std::move(line));
    return out;
}

std::size_t plain_size(const std::string& text) {
    label_table labels;
    decode_cache cache(labels);
    flow_batch batch;
    batch.bytes = text;
    json::line_handler handler(cache.labels);
    handler.begin_line(batch);
    return json::plain_reader(handler, cache.objects).read(batch.bytes);
}

class mutation {
  public:
    explicit mutation(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

    // One to three changes: bytes that mean something to JSON, parts that are left out, said twice or of another line.
    std::string of(std::string line, const std::string& other) {
        for (std::size_t left = 1 + below(3); left > 0 && !line.empty(); --left)
            change(line, other);
        return line;
    }

  private:
    void change(std::string& line, const std::string& other) {
        static const std::vector<std::string> tokens = {"\"",
                                                        "\\",
                                                        "{",
                                                        "}",
                                                        "[",
                                                        "]",
                                                        ":",
                                                        ",",
                                                        "0",
                                                        "-",
                                                        ".",
                                                        "e9",
                                                        " ",
                                                        "\t",
                                                        "\r",
                                                        "\x01",
                                                        "\x7f",
                                                        "\xc3\xa4",
                                                        "\xff",
                                                        "null",
                                                        "true",
                                                        "\\n",
                                                        "\\u0041",
                                                        "{}",
                                                        "[]",
                                                        "\"\"",
                                                        "18446744073709551616",
                                                        "0x1",
                                                        "01",
                                                        "1.5",
                                                        "\"flow\":",
                                                        "\"source\":{",
                                                        "\"destination\":null,",
                                                        "\"verdict\":\"AUDIT\",",
                                                        "{\"flow\":",
                                                        "//",
                                                        "/**/",
                                                        "[[[[[[[[[[[[[[[[[[",
                                                        "tru",
                                                        "NaN"};
        const std::size_t at = below(line.size());
        const std::size_t length = 1 + below(std::min<std::size_t>(line.size() - at, 40));
        const std::size_t from = below(other.size());
        switch (below(8)) {
            case 0: line[at] = static_cast<char>(below(256)); break;
            case 1: line.insert(at, tokens[below(tokens.size())]); break;
            case 2: line.replace(at, 1, tokens[below(tokens.size())]); break;
            case 3: line.erase(at, length); break;
            case 4: line.insert(at, line.substr(at, length)); break;
            case 5: line.replace(at, length, other.substr(from, length)); break;
            case 6: swap_members(line, other); break;
            default: line.resize(at);
        }
        std::erase(line, '\n');
    }

    // From a comma or brace on, as in another line.
    void swap_members(std::string& line, const std::string& other) {
        const std::size_t at = line.find_first_of(",}", below(line.size()));
        const std::size_t from = other.find_first_of(",}", below(other.size()));
        if (at != std::string::npos && from != std::string::npos) line.replace(at, std::string::npos, other, from);
    }

    std::mt19937 random_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(plain_reader)

BOOST_AUTO_TEST_CASE(lines_of_hubble_are_plain) {
    for (const std::string& line : test::lines_of(test::data_text("sample-flows.jsonl")))
        if (line.find('\\') == std::string::npos && line.starts_with("{")) BOOST_TEST(plain_size(line) > 0, line);
}

BOOST_AUTO_TEST_CASE(what_is_not_plain_is_left_to_the_parser) {
    BOOST_TEST(plain_size(R"({"flow":{"uuid":"a"}})") == 21);
    BOOST_TEST(plain_size(R"({ "flow" : { "uuid" : "a" , "x" : [ 1 , { } , [ ] , true ] } }  )") == 62);
    for (const char* text :
         {R"({"flow":{"uuid":"\n"}})", "{\"flow\":{\"uuid\":\"\xc3\xa4\"}}", R"({"a":-1})", R"({"a":1.5})",
          R"({"a":1e3})", R"({"a":01})", R"({"a":1234567890123456789})", R"({"a":[1,]})", R"({"a":1,})", R"({"a":)",
          R"({"a)", "{", R"({"a":tru})", R"({"a":"b})", R"({"a" "b"})", R"({"a":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]})",
          R"({"flow":{"verdict":"DROPPED","verdict":"DROPPED"}})", "{\"a\":\"\x01\"}"})
        BOOST_TEST(plain_size(text) == 0, text);
}

BOOST_AUTO_TEST_CASE(samples_read_the_same) {
    both_readers readers;
    for (int pass = 0; pass < 2; ++pass)
        for (const std::string& line : sample_lines())
            readers.check(line);
}

BOOST_AUTO_TEST_CASE(lines_that_were_changed_read_the_same) {
    constexpr std::size_t rounds = 40'000;
    const std::vector<std::string> lines = sample_lines();
    both_readers readers;
    mutation mutation(14);
    const auto any = [&] { return lines[mutation.below(lines.size())]; };
    for (std::size_t round = 0; round < rounds; ++round) {
        std::string text;
        for (std::size_t left = 1 + mutation.below(3); left > 0; --left)
            text +=
                (mutation.below(3) > 0 ? mutation.of(any(), any()) : any()) + (mutation.below(4) > 0 ? "\n" : "\r\n");
        if (mutation.below(2) == 0) text.resize(text.size() - 1);
        readers.check(text);
    }
}

BOOST_AUTO_TEST_CASE(lines_that_were_cut_anywhere_read_the_same) {
    both_readers readers;
    const std::string line = sample_lines()[0];
    for (std::size_t size = 0; size < line.size(); ++size)
        readers.check(line.substr(0, size));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

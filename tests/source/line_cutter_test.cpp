// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/line_cutter.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

constexpr std::size_t most = line_cutter::most_line_bytes;

struct cut {
    std::string bytes;
    std::vector<std::uint64_t> first_lines;
    std::vector<std::uint64_t> too_long;
};

void add(cut& to, std::optional<line_piece> piece) {
    if (!piece) return;
    to.bytes += piece->bytes;
    to.first_lines.push_back(piece->first_line);
    to.too_long.insert(to.too_long.end(), piece->too_long.begin(), piece->too_long.end());
}

cut cut_up(const std::string& text, std::size_t step) {
    line_cutter cutter;
    cut out;
    for (std::size_t at = 0; at < text.size(); at += step) {
        cutter.buffer() += text.substr(at, step);
        add(out, cutter.cut_lines());
    }
    add(out, cutter.cut_rest());
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_cutter_suite)

BOOST_AUTO_TEST_CASE(pieces_are_whole_lines_and_nothing_is_lost) {
    const std::string text = "a\nbb\n\nccc\nlast";
    for (const std::size_t step : {1u, 2u, 3u, 5u, 100u})
        BOOST_TEST(cut_up(text, step).bytes == text);
    line_cutter cutter;
    cutter.buffer() = "a\nb";
    BOOST_TEST(cutter.cut_lines()->bytes == "a\n");
    BOOST_TEST(!cutter.cut_lines());
    BOOST_TEST(cutter.cut_rest()->bytes == "b");
    BOOST_TEST(!cutter.cut_rest());
}

BOOST_AUTO_TEST_CASE(each_piece_knows_its_first_line) {
    BOOST_TEST((cut_up("a\nb\nc\nd\ne", 4).first_lines == std::vector<std::uint64_t>{1, 3, 5}));
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_left_out_and_numbered) {
    const std::string text =
        "a\n" + std::string(3 * most, 'x') + "\nb\n" + std::string(most + (2u << 20), 'y') + "\nc\n";
    const cut result = cut_up(text, 1u << 20);
    BOOST_TEST((result.bytes == "a\nb\nc\n"));
    BOOST_TEST((result.too_long == std::vector<std::uint64_t>{2, 4}));
}

BOOST_AUTO_TEST_CASE(a_last_line_that_is_too_long_is_left_out_too) {
    const cut result = cut_up("a\n" + std::string(most + (2u << 20), 'x'), 1u << 20);
    BOOST_TEST((result.bytes == "a\n"));
    BOOST_TEST((result.too_long == std::vector<std::uint64_t>{2}));
}

BOOST_AUTO_TEST_CASE(lines_behind_one_that_is_too_long_keep_their_numbers) {
    line_cutter cutter;
    cut out;
    cutter.buffer() = std::string(most + 1, 'x');
    add(out, cutter.cut_lines());
    cutter.buffer() += "xxx\nsecond\nthird\n";
    add(out, cutter.cut_lines());
    BOOST_TEST(out.bytes == "second\nthird\n");
    BOOST_TEST(out.first_lines.back() == 2u);
}

// Were the whole line searched with each piece, this would take minutes.
BOOST_AUTO_TEST_CASE(a_long_line_in_small_pieces_is_searched_once) {
    line_cutter cutter;
    const std::string piece(1u << 9, 'x');
    for (std::size_t length = 0; length < most; length += piece.size()) {
        cutter.buffer() += piece;
        if (cutter.cut_lines()) BOOST_FAIL("a piece without a line");
    }
    cutter.buffer() += "\nnext";
    BOOST_TEST(cutter.cut_lines()->bytes.size() == most + 1);
    BOOST_TEST(cutter.cut_rest()->bytes == "next");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

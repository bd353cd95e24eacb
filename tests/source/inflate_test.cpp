// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/inflate.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "support/compress.hpp"

namespace cpg {

namespace {

using test::bzip2_compressed;
using test::gzipped;
using test::xz_compressed;
using test::zstd_compressed;

constexpr std::size_t whole = 1u << 30;

struct outcome {
    std::string out;
    std::string problem;
};

/// Feeds the input in pieces, each asked to give at most about `most_output`.
outcome inflated(const std::string& input, std::size_t piece = whole, std::size_t most_output = 1u << 20) {
    outcome result;
    try {
        const auto inflate = make_inflater(input.substr(0, inflater::magic_bytes));
        for (std::size_t at = 0; at < input.size();) {
            const std::size_t used = inflate->feed(std::string_view(input).substr(at, piece), result.out, most_output);
            at += used;
        }
        for (std::size_t before = result.out.size() + 1; before != result.out.size();) {
            before = result.out.size();
            inflate->feed({}, result.out, most_output);
        }
        inflate->finish(result.out);
    } catch (const inflate_error& error) {
        result.problem = error.what();
    }
    return result;
}

std::string text_of(std::size_t bytes) {
    std::mt19937 random(1);
    std::string out;
    while (out.size() < bytes)
        out += "line " + std::to_string(random() % 1000) + "\n";
    return out;
}

void check_whole(const std::string& packed, const std::string& text) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, whole})
        for (const std::size_t most : {std::size_t{1}, std::size_t{5000}, std::size_t{1u << 20}}) {
            const outcome result = inflated(packed, piece, most);
            BOOST_TEST(result.problem == "");
            BOOST_TEST((result.out == text), "piece " << piece << ", most " << most);
        }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inflate_suite)

BOOST_AUTO_TEST_CASE(other_input_passes_as_it_is) {
    check_whole("", "");
    check_whole("{\"flow\":{}}\n", "{\"flow\":{}}\n");
    check_whole("\x1f", "\x1f");
    check_whole("\x1f\x8c and more", "\x1f\x8c and more");
}

BOOST_AUTO_TEST_CASE(gzip_is_inflated_in_pieces_of_any_size) {
    const std::string text = text_of(20'000);
    check_whole(gzipped(text), text);
    check_whole(gzipped(""), "");
    const std::string large = text_of(3u << 20);
    BOOST_TEST((inflated(gzipped(large), 4096).out == large));
}

BOOST_AUTO_TEST_CASE(members_in_a_row_are_one_text) {
    const std::string a = text_of(5000);
    check_whole(gzipped(a) + gzipped("") + gzipped("b\n") + gzipped(a), a + "b\n" + a);
}

BOOST_AUTO_TEST_CASE(zeros_behind_the_last_member_are_padding) {
    check_whole(gzipped("a\n") + std::string(700, '\0'), "a\n");
}

BOOST_AUTO_TEST_CASE(other_bytes_behind_a_member_are_corruption_and_what_came_before_stays) {
    const outcome result = inflated(gzipped("a\n") + "garbage");
    BOOST_TEST(result.out == "a\n");
    BOOST_TEST(!result.problem.empty());
}

BOOST_AUTO_TEST_CASE(zstd_is_inflated_in_pieces_of_any_size) {
    const std::string text = text_of(20'000);
    check_whole(zstd_compressed(text), text);
    check_whole(zstd_compressed(""), "");
    check_whole(zstd_compressed(text) + zstd_compressed("b\n") + zstd_compressed(""), text + "b\n");
    const std::string large = text_of(3u << 20);
    BOOST_TEST((inflated(zstd_compressed(large), 4096).out == large));
}

BOOST_AUTO_TEST_CASE(a_skippable_frame_is_no_data) {
    const std::string skipped = std::string("\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
    check_whole(zstd_compressed("a\n") + skipped + zstd_compressed("b\n") + skipped, "a\nb\n");
}

BOOST_AUTO_TEST_CASE(xz_and_bzip2_are_inflated_in_pieces_of_any_size_and_streams_in_a_row_are_one_text) {
    const std::string text = text_of(20'000);
    const std::string large = text_of(3u << 20);
    for (const auto& pack : {+[](const std::string& of) { return xz_compressed(of); },
                             +[](const std::string& of) { return bzip2_compressed(of); }}) {
        check_whole(pack(text), text);
        check_whole(pack(""), "");
        check_whole(pack(text) + pack("b\n") + pack(""), text + "b\n");
        BOOST_TEST((inflated(pack(large), 4096).out == large));
    }
    check_whole(xz_compressed("a\n") + std::string(8, '\0') + xz_compressed("b\n") + std::string(4, '\0'), "a\nb\n");
}

BOOST_AUTO_TEST_CASE(input_cut_at_any_byte_is_said_to_end_too_early_and_gives_a_beginning_of_the_text) {
    const std::string text = text_of(600);
    for (const std::string& packed :
         {gzipped(text), zstd_compressed(text), xz_compressed(text), bzip2_compressed(text)})
        for (std::size_t length = inflater::magic_bytes; length < packed.size(); ++length)
            for (const std::size_t piece : {std::size_t{1}, whole}) {
                const outcome result = inflated(packed.substr(0, length), piece);
                BOOST_TEST(
                    result.problem.find("ends too early") != std::string::npos,
                    length << " of " << packed.size() << ": " << result.problem << " of " << packed.substr(0, 3));
                BOOST_TEST(text.starts_with(result.out), length);
            }
}

BOOST_AUTO_TEST_CASE(a_second_member_cut_at_any_byte_keeps_the_first) {
    const std::string first = gzipped("a\n");
    const std::string both = first + gzipped(text_of(300));
    for (std::size_t length = first.size() + 1; length < both.size(); ++length) {
        const outcome result = inflated(both.substr(0, length), 3);
        BOOST_TEST(!result.problem.empty(), length);
        BOOST_TEST(result.out.starts_with("a\n"), length);
    }
}

BOOST_AUTO_TEST_CASE(any_byte_changed_never_passes_unnoticed_in_the_data) {
    const std::string text = text_of(600);
    // Behind gzip's header, whose time and flags are no part of the data. What zstd's library writes here has no
    // checksum.
    for (const std::string& packed : {gzipped(text), xz_compressed(text), bzip2_compressed(text)})
        for (std::size_t at = 10; at < packed.size(); ++at) {
            std::string damaged = packed;
            damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
            const outcome result = inflated(damaged, 16);
            BOOST_TEST((!result.problem.empty() || result.out == text), at);
        }
}

BOOST_AUTO_TEST_CASE(a_small_file_that_grows_without_end_comes_in_bounded_steps) {
    const std::string packed = gzipped(std::string(64u << 20, 'x'));
    const auto inflate = make_inflater(packed);
    std::string out;
    const std::size_t used = inflate->feed(packed, out, 1u << 20);
    BOOST_TEST(used < packed.size());
    BOOST_TEST(out.size() < (3u << 20));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

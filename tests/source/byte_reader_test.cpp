// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/byte_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

namespace {

struct file {
    explicit file(const std::string& text) { append(text); }

    void append(const std::string& text) const { std::ofstream(path(), std::ios::app | std::ios::binary) << text; }
    std::string path() const { return (dir.path() / "capture").string(); }

    test::temp_dir dir;
};

std::string rest_of(byte_reader& bytes) {
    std::string out;
    while (bytes.more()) {
        out += bytes.pending();
        bytes.consume(bytes.pending().size());
    }
    return out;
}

std::string text_of(std::size_t length) {
    std::string out(length, ' ');
    for (std::size_t i = 0; i < length; ++i)
        out[i] = static_cast<char>('a' + (i * 7 + i / 4096) % 26);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(byte_reader_suite)

BOOST_AUTO_TEST_CASE(a_file_of_any_size_comes_whole) {
    for (const std::size_t length :
         {0UL, 1UL, 4095UL, 4096UL, 4097UL, 4UL << 20U, (4UL << 20U) + 1, (9UL << 20U) + 17}) {
        const std::string text = text_of(length);
        const file capture(text);
        byte_reader bytes(capture.path());
        BOOST_TEST(!bytes.may_block());
        BOOST_TEST(bytes.size() == length);
        BOOST_TEST((rest_of(bytes) == text), length);
        BOOST_TEST(bytes.position() == length);
        BOOST_TEST(!bytes.more());
    }
}

BOOST_AUTO_TEST_CASE(what_is_consumed_bit_by_bit_goes_on_at_any_offset) {
    const std::string text = text_of(20'000);
    const file capture(text);
    byte_reader bytes(capture.path());
    std::string out;
    while (!bytes.pending().empty() || bytes.more()) {
        const std::size_t some = std::min<std::size_t>(bytes.pending().size(), 777);
        out += bytes.pending().substr(0, some);
        bytes.consume(some);
    }
    BOOST_TEST((out == text));
}

BOOST_AUTO_TEST_CASE(what_was_added_meanwhile_is_read_too) {
    const file capture("one");
    byte_reader bytes(capture.path());
    BOOST_TEST(rest_of(bytes) == "one");
    capture.append("two");
    BOOST_TEST(rest_of(bytes) == "two");
}

BOOST_AUTO_TEST_CASE(a_file_that_was_cut_before_it_was_reached_just_ends) {
    const file capture(text_of(9U << 20U));
    byte_reader bytes(capture.path());
    BOOST_TEST_REQUIRE(bytes.more());
    bytes.consume(bytes.pending().size());
    std::filesystem::resize_file(capture.path(), 4096);
    BOOST_TEST(!bytes.more());
    bytes.check_not_cut();
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_under_the_reader_is_an_error_and_no_crash) {
    const file capture(text_of(5 * 4096));
    byte_reader bytes(capture.path());
    BOOST_TEST_REQUIRE(bytes.more());
    std::filesystem::resize_file(capture.path(), 4096);
    BOOST_TEST((bytes.pending().substr(0, 4096) == text_of(4096)));
    bytes.check_not_cut();
    BOOST_TEST((bytes.pending().substr(8192) == std::string(3 * 4096, '\0')));
    BOOST_CHECK_EXCEPTION(bytes.check_not_cut(), fatal_error, [](const fatal_error& error) {
        return std::string(error.what()).find("was cut short while it was read") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(a_pipe_is_read_and_what_came_in_two_parts_is_one) {
    const test::temp_dir dir;
    const std::string path = (dir.path() / "pipe").string();
    BOOST_TEST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int keep_open = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    byte_reader bytes(path);
    BOOST_TEST(bytes.may_block());
    BOOST_TEST(!bytes.wait(0));
    BOOST_TEST_REQUIRE(::write(keep_open, "ab", 2) == 2);
    BOOST_TEST(bytes.more());
    bytes.consume(1);
    BOOST_TEST_REQUIRE(::write(keep_open, "cd", 2) == 2);
    BOOST_TEST(bytes.more());
    BOOST_TEST(bytes.pending() == "bcd");
    ::close(keep_open);
    BOOST_TEST(!bytes.more());
    BOOST_TEST(bytes.pending() == "bcd");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

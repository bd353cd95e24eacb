// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/piece_pace.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

using namespace std::chrono_literals;

constexpr piece_pace::time_point start{100h};

// So many messages, one in each of these intervals, each taken as soon as the pace lets it; the number of pieces.
std::size_t pieces_of(std::size_t messages, std::chrono::nanoseconds interval) {
    piece_pace pace;
    std::size_t pieces = 0;
    std::size_t waiting = 0;
    auto due = start;
    for (std::size_t i = 0; i < messages; ++i) {
        const auto now = start + static_cast<long>(i) * interval;
        if (waiting > 0 && due <= now) pace.took(waiting, due), waiting = 0, ++pieces;
        if (++waiting == 1) due = pace.take_at(now);
    }
    return pieces;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(piece_pace_suite)

BOOST_AUTO_TEST_CASE(what_comes_seldom_is_taken_at_once) {
    BOOST_TEST(pieces_of(100, 2 * piece_pace::gather_time) == 99u);
    piece_pace pace;
    BOOST_TEST((pace.take_at(start) == start));
    pace.took(1, start);
    BOOST_TEST((pace.take_at(start + 1s) == start + 1s));
}

BOOST_AUTO_TEST_CASE(of_a_slow_stream_what_comes_within_the_gather_time_is_taken_together) {
    // 500 a second, for 10 seconds.
    const std::size_t pieces = pieces_of(5000, 2ms);
    BOOST_TEST(pieces <= 10s / piece_pace::gather_time + 1);
    BOOST_TEST(pieces >= 9s / piece_pace::gather_time);
}

BOOST_AUTO_TEST_CASE(a_fast_stream_waits_for_nothing) {
    // 10,000 a second: only the first pieces, before its pace is known, and none afterwards.
    BOOST_TEST(pieces_of(50'000, 100us) >= 49'000u);
}

BOOST_AUTO_TEST_CASE(a_stream_that_becomes_fast_is_held_up_once) {
    constexpr auto gather_time = piece_pace::gather_time;
    piece_pace pace;
    pace.took(1, start);
    const auto first = start + gather_time;
    BOOST_TEST((pace.take_at(start + 1ms) == first));
    pace.took(4 * piece_pace::few, first);
    BOOST_TEST((pace.take_at(first + 1ms) == first + 1ms));
    const auto next = first + gather_time;
    pace.took(piece_pace::few, next);
    BOOST_TEST((pace.take_at(next + 1ms) == next + 1ms));
    const auto last = next + gather_time;
    pace.took(piece_pace::few - 1, last);
    BOOST_TEST((pace.take_at(last + 1ms) == last + gather_time));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

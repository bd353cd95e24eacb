// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/overlapped_calls.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <stdexcept>
#include <vector>

#include "support/patience.hpp"

namespace cpg {

BOOST_AUTO_TEST_SUITE(overlapped_calls_suite, *boost::unit_test::timeout(test::patient(60U)))

BOOST_AUTO_TEST_CASE(calls_are_under_way_together) {
    overlapped_calls calls;
    std::latch all(static_cast<std::ptrdiff_t>(overlapped_calls::most_at_once));
    std::vector<overlapped_call> done;
    for (std::size_t i = 0; i < overlapped_calls::most_at_once; ++i)
        done.push_back(calls.start([&all] { all.arrive_and_wait(); }));
    for (auto& each : done)
        each.get();
}

BOOST_AUTO_TEST_CASE(no_more_of_them_than_there_may_be) {
    overlapped_calls calls;
    std::atomic<std::size_t> now = 0;
    std::atomic<std::size_t> most = 0;
    std::vector<overlapped_call> done;
    for (int i = 0; i < 1000; ++i)
        done.push_back(calls.start([&] {
            std::size_t seen = most;
            for (const std::size_t here = ++now; here > seen && !most.compare_exchange_weak(seen, here);) {
            }
            --now;
        }));
    for (auto& each : done)
        each.get();
    BOOST_TEST(most <= overlapped_calls::most_at_once);
    BOOST_TEST(calls.threads() <= overlapped_calls::most_at_once);
}

BOOST_AUTO_TEST_CASE(what_a_call_throws_comes_out_and_gives_its_place_back) {
    overlapped_calls calls;
    for (std::size_t i = 0; i < 2 * overlapped_calls::most_at_once; ++i) {
        auto failed = calls.start([] { throw std::runtime_error("no space"); });
        BOOST_CHECK_EXCEPTION(failed.get(), std::runtime_error,
                              [](const auto& error) { return error.what() == std::string("no space"); });
    }
}

BOOST_AUTO_TEST_CASE(one_after_the_other_share_a_thread) {
    overlapped_calls calls;
    for (int i = 0; i < 100; ++i)
        calls.start([] {}).get();
    BOOST_TEST(calls.threads() == 1u);
}

BOOST_AUTO_TEST_CASE(an_end_is_waited_for_where_nobody_asks) {
    overlapped_calls calls;
    bool ended = false;
    {
        const overlapped_call unasked = calls.start([&ended] { ended = true; });
    }
    BOOST_TEST(ended);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/shards.hpp"

#include <boost/test/unit_test.hpp>

#include "session/session_parts.hpp"

namespace cpg {

namespace {

struct flushed {
    std::vector<std::string> grown;
    std::size_t rules = 0;
    flush_totals totals;
};

flushed flush(test::session_middle& at, flush_scope scope) {
    flushed out;
    at.sums.flush(scope, [&](const std::vector<flushed_workload>& taken, const flush_totals& totals) {
        out.totals = totals;
        for (const flushed_workload& each : taken) {
            if (each.grown) out.grown.push_back(each.grown->workload);
            out.rules += each.snapshot.rules.size();
        }
    });
    at.run();
    std::ranges::sort(out.grown);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shards_suite)

BOOST_AUTO_TEST_CASE(a_flush_of_new_rules_brings_each_workload_once_until_it_grows) {
    test::session_middle at;
    at.take({test::drop_line("a") + test::drop_line("b") + test::drop_line("c")});
    BOOST_TEST(flush(at, flush_scope::new_rules).grown == (std::vector<std::string>{"a", "b", "c"}),
               boost::test_tools::per_element());
    BOOST_TEST(flush(at, flush_scope::new_rules).grown.empty());
    at.take({test::drop_line("b", 81) + test::drop_line("a")});
    const flushed next = flush(at, flush_scope::new_rules);
    BOOST_TEST(next.grown == std::vector<std::string>{"b"}, boost::test_tools::per_element());
    BOOST_TEST(next.totals.workloads == 3u);
}

BOOST_AUTO_TEST_CASE(everything_is_everything_so_far_and_grown_is_what_has_grown) {
    test::session_middle at;
    at.take({test::drop_line("a") + test::drop_line("a", 81)});
    flush(at, flush_scope::new_rules);
    at.take({test::drop_line("b")});
    const flushed all = flush(at, flush_scope::everything);
    BOOST_TEST(all.grown == std::vector<std::string>{"b"}, boost::test_tools::per_element());
    BOOST_TEST(all.rules == 3u);
}

BOOST_AUTO_TEST_CASE(a_batch_without_rules_is_done_all_the_same) {
    test::session_middle at;
    at.take({"{}\n", "\n"});
    BOOST_TEST(at.added == 2u);
    BOOST_TEST(flush(at, flush_scope::everything).totals.workloads == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

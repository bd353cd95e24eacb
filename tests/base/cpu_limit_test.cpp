// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/cpu_limit.hpp"

#include <boost/test/unit_test.hpp>

#include "support/temp_dir.hpp"

namespace cpg {

namespace {

std::optional<double> limit_with(const std::string& group,
                                 const std::vector<std::pair<std::string, std::string>>& max) {
    const test::temp_dir root;
    test::write_text(root.path() / "proc/self/cgroup", group);
    for (const auto& [of, text] : max)
        test::write_text(root.path() / "sys/fs/cgroup" / of / "cpu.max", text);
    return cpu_limit(root.path());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cpu_limit_suite)

BOOST_AUTO_TEST_CASE(the_limit_of_a_container_is_in_its_root) {
    BOOST_TEST(limit_with("0::/\n", {{"", "150000 100000\n"}}).value() == 1.5);
    BOOST_TEST(!limit_with("0::/\n", {{"", "max 100000\n"}}));
    BOOST_TEST(!limit_with("0::/\n", {}));
}

BOOST_AUTO_TEST_CASE(the_tightest_group_around_the_process_counts) {
    BOOST_TEST(limit_with("12:cpu:/old\n0::/pods/a\n",
                          {{"pods", "50000 100000\n"}, {"pods/a", "400000 100000\n"}, {"", "max 100000\n"}})
                   .value() == 0.5);
}

BOOST_AUTO_TEST_CASE(what_says_no_limit_is_none) {
    BOOST_TEST(!limit_with("", {{"", "100000 100000\n"}}));
    BOOST_TEST(!limit_with("1:name=systemd:/x\n", {{"", "100000 100000\n"}}));
    BOOST_TEST(!limit_with("0::/\n", {{"", "-1 100000\n"}}));
    BOOST_TEST(!limit_with("0::/\n", {{"", "5 0\n"}}));
    BOOST_TEST(!limit_with("0::/\n", {{"", "junk\n"}}));
}

BOOST_AUTO_TEST_CASE(there_are_always_two_threads) {
    BOOST_TEST(worker_count() >= 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

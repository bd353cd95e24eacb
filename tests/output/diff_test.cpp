// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/diff.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>

#include "support/temp_dir.hpp"

namespace cpg {

namespace {

bool has_patch() {
    return std::system("command -v patch >/dev/null 2>&1") == 0;
}

/// What `patch` makes of the old text and the diff between the two.
std::string patched(const std::optional<std::string>& before, const std::string& after) {
    const test::temp_dir dir;
    if (before) test::write_text(dir / "shop/cart.yaml", *before);
    test::write_text(dir / "change.diff", unified_diff("shop/cart.yaml", before, after));
    const std::string command = "cd " + dir.path().string() + " && patch -s -p1 -i change.diff";
    BOOST_TEST(std::system(command.c_str()) == 0);
    return test::read_text(dir / "shop/cart.yaml");
}

std::string random_text(std::mt19937& random) {
    std::string out;
    for (unsigned i = random() % 30; i > 0; --i)
        out += std::string(1, static_cast<char>('a' + random() % 6)) + "\n";
    if (!out.empty() && random() % 4 == 0) out.pop_back();
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(diff_suite)

BOOST_AUTO_TEST_CASE(a_new_file_comes_from_dev_null) {
    BOOST_TEST(unified_diff("p/x.yaml", std::nullopt, "a\nb\n") ==
               "--- /dev/null\n+++ b/p/x.yaml\n@@ -0,0 +1,2 @@\n+a\n+b\n");
}

BOOST_AUTO_TEST_CASE(names_are_written_as_git_writes_them) {
    BOOST_TEST(unified_diff("a dir/x", std::nullopt, "a\n").starts_with("--- /dev/null\n+++ b/a dir/x\t\n"));
    BOOST_TEST(unified_diff("a\"\n/x", std::nullopt, "a\n").starts_with("--- /dev/null\n+++ \"b/a\\042\\012/x\"\n"));
}

BOOST_AUTO_TEST_CASE(a_diff_is_applied_from_the_repository_else_from_the_working_folder_else_from_the_root) {
    const test::temp_dir dir;
    std::filesystem::create_directories(dir / "repo/.git");
    BOOST_TEST(patch_root(dir / "repo/deep/policies") == dir / "repo");
    BOOST_TEST(patch_name(dir / "repo/deep/policies/shop/cart.yaml", dir / "repo") == "deep/policies/shop/cart.yaml");
    BOOST_TEST(patch_root("/nowhere/policies") == "/");
    BOOST_TEST(patch_name("/nowhere/policies/shop/cart.yaml", "/") == "nowhere/policies/shop/cart.yaml");
}

BOOST_AUTO_TEST_CASE(equal_texts_have_no_diff) {
    BOOST_TEST(unified_diff("x", "a\n", "a\n") == "");
}

BOOST_AUTO_TEST_CASE(a_change_has_three_lines_of_context) {
    BOOST_TEST(unified_diff("x", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
               "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

BOOST_AUTO_TEST_CASE(changes_far_apart_are_hunks_of_their_own) {
    std::string before;
    for (int i = 1; i <= 30; ++i)
        before += std::to_string(i) + "\n";
    const std::string diff = unified_diff("x", before, "0\n" + before + "31\n");
    BOOST_TEST(diff.find("@@ -1,3 +1,4 @@\n+0\n 1\n") != std::string::npos, diff);
    BOOST_TEST(diff.find("@@ -28,3 +29,4 @@\n 28\n 29\n 30\n+31\n") != std::string::npos, diff);
}

BOOST_AUTO_TEST_CASE(lines_that_go_stand_above_those_that_come) {
    BOOST_TEST(unified_diff("x", "a\nb\nc\n", "a\nx\ny\nc\n") ==
               "--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n a\n-b\n+x\n+y\n c\n");
}

BOOST_AUTO_TEST_CASE(changes_whose_contexts_touch_are_one_hunk) {
    const std::string six = "1\n2\n3\n4\n5\n6\n";
    const std::string one = unified_diff("x", "a\n" + six + "b\n", "A\n" + six + "B\n");
    BOOST_TEST(one.find("@@ -1,8 +1,8 @@") != std::string::npos, one);
    const std::string two = unified_diff("x", "a\n" + six + "7\nb\n", "A\n" + six + "7\nB\n");
    BOOST_TEST(two.find("@@ -1,4 +1,4 @@") != std::string::npos, two);
    BOOST_TEST(two.find("@@ -6,4 +6,4 @@") != std::string::npos, two);
}

BOOST_AUTO_TEST_CASE(a_last_line_without_a_break_is_said_to_have_none) {
    BOOST_TEST(unified_diff("x", "a\nb", "a\nb\n") ==
               "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
}

BOOST_AUTO_TEST_CASE(patch_makes_exactly_the_new_text,
                     *boost::unit_test::precondition([](auto) { return has_patch(); })) {
    std::mt19937 random(1);
    BOOST_TEST(patched(std::nullopt, "a\nb\n") == "a\nb\n");
    BOOST_TEST(patched("a\r\nb\r\n", "a\r\nc\r\nb\r\n") == "a\r\nc\r\nb\r\n");
    for (int i = 0; i < 60; ++i) {
        const std::string before = random_text(random) + "x\n";
        const std::string after = random_text(random) + "y\n";
        BOOST_TEST(patched(before, after) == after, unified_diff("x", before, after));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/folder_lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::temp_dir;

namespace {

const auto ignore = [](const std::string&) {};

}  // namespace

BOOST_AUTO_TEST_SUITE(folder_lock_suite)

BOOST_AUTO_TEST_CASE(a_second_lock_waits_and_then_names_the_holder) {
    const temp_dir dir;
    const folder_lock first(dir.path(), 0755, 0ms, ignore);
    BOOST_CHECK(first.result() == folder_lock::outcome::locked);
    std::vector<std::string> said;
    const auto start = std::chrono::steady_clock::now();
    const folder_lock second(dir.path(), 0755, 200ms, [&](const std::string& holder) { said.push_back(holder); });
    BOOST_CHECK(second.result() == folder_lock::outcome::busy);
    BOOST_TEST((std::chrono::steady_clock::now() - start >= 200ms));
    BOOST_TEST(said.size() == 1u);
    BOOST_TEST((second.holder() == "process " + std::to_string(::getpid()) || second.holder() == "another process"));
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_let_go_is_taken) {
    const temp_dir dir;
    { const folder_lock first(dir.path(), 0755, 0ms, ignore); }
    const folder_lock second(dir.path(), 0755, 0ms, ignore);
    BOOST_CHECK(second.result() == folder_lock::outcome::locked);
}

BOOST_AUTO_TEST_CASE(the_lock_of_a_killed_process_is_free) {
    const temp_dir dir;
    const pid_t child = ::fork();
    if (child == 0) {
        const folder_lock held(dir.path(), 0755, 0ms, ignore);
        ::_exit(held.result() == folder_lock::outcome::locked ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
    const folder_lock mine(dir.path(), 0755, 0ms, ignore);
    BOOST_CHECK(mine.result() == folder_lock::outcome::locked);
}

BOOST_AUTO_TEST_CASE(folders_that_stay_empty_are_removed_others_are_kept) {
    const temp_dir dir;
    { const folder_lock lock(dir / "a/b/c", 0755, 0ms, ignore); }
    BOOST_TEST(!fs::exists(dir / "a"));
    {
        const folder_lock lock(dir / "a/b/c", 0755, 0ms, ignore);
        test::write_text(dir / "a/b/file", "x");
    }
    BOOST_TEST(!fs::exists(dir / "a/b/c"));
    BOOST_TEST(fs::exists(dir / "a/b/file"));
    fs::create_directory(dir / "mine");
    { const folder_lock lock(dir / "mine", 0755, 0ms, ignore); }
    BOOST_TEST(fs::exists(dir / "mine"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_vanished_in_the_wait_is_made_anew) {
    const temp_dir dir;
    auto first = std::make_unique<folder_lock>(dir / "x", 0755, 0ms, ignore);
    const folder_lock second(dir / "x", 0755, 2s, [&](const std::string&) { first.reset(); });
    BOOST_CHECK(second.result() == folder_lock::outcome::locked);
    BOOST_TEST(fs::exists(dir / "x"));
}

BOOST_AUTO_TEST_CASE(a_file_in_its_place_is_an_error) {
    const temp_dir dir;
    test::write_text(dir / "x", "file");
    BOOST_CHECK_THROW(folder_lock(dir / "x", 0755, 0ms, ignore), file_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/files.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <csignal>

#include "support/temp_dir.hpp"

namespace cpg {

namespace fs = std::filesystem;
using test::read_text;
using test::temp_dir;
using test::write_text;

BOOST_AUTO_TEST_SUITE(files_suite)

BOOST_AUTO_TEST_CASE(a_missing_file_is_nothing_and_a_folder_is_an_error) {
    const temp_dir dir;
    BOOST_TEST(!read_file(dir / "none", 10).has_value());
    BOOST_CHECK_THROW(read_file(dir.path(), 10), file_error);
}

BOOST_AUTO_TEST_CASE(a_fifo_is_refused_without_waiting) {
    const temp_dir dir;
    BOOST_REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
    BOOST_CHECK_THROW(read_file(dir / "fifo", 10), file_error);
}

BOOST_AUTO_TEST_CASE(a_file_over_the_bound_is_refused) {
    const temp_dir dir;
    write_text(dir / "big", "12345678901");
    BOOST_CHECK_THROW(read_file(dir / "big", 10), file_error);
    BOOST_TEST(read_file(dir / "big", 11).value() == "12345678901");
}

BOOST_AUTO_TEST_CASE(replacing_makes_folders_and_leaves_no_temporary_file) {
    const temp_dir dir;
    replace_file(dir / "a/b/c.yaml", "one");
    replace_file(dir / "a/b/c.yaml", "two");
    BOOST_TEST(read_text(dir / "a/b/c.yaml") == "two");
    BOOST_TEST(std::distance(fs::directory_iterator(dir / "a/b"), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(an_existing_file_keeps_its_permissions) {
    const temp_dir dir;
    write_text(dir / "x", "one");
    fs::permissions(dir / "x", fs::perms::owner_read | fs::perms::owner_write);
    replace_file(dir / "x", "two", 0644);
    BOOST_TEST((fs::status(dir / "x").permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(the_file_behind_a_symbolic_link_is_replaced_not_the_link) {
    const temp_dir dir;
    write_text(dir / "real", "one");
    fs::create_symlink(dir / "real", dir / "link");
    replace_file(dir / "link", "two");
    BOOST_TEST(fs::is_symlink(dir / "link"));
    BOOST_TEST(read_text(dir / "real") == "two");
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_half_way_leaves_the_old_file_whole) {
    const temp_dir dir;
    write_text(dir / "x", "old");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{100, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    BOOST_CHECK_THROW(replace_file(dir / "x", std::string(1000, 'x')), file_error);
    ::setrlimit(RLIMIT_FSIZE, &before);
    BOOST_TEST(read_text(dir / "x") == "old");
    BOOST_TEST(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(a_file_where_a_folder_should_be_is_named) {
    const temp_dir dir;
    write_text(dir / "a", "file");
    BOOST_CHECK_THROW(replace_file(dir / "a/b.yaml", "x"), file_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

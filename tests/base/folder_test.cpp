// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/folder.hpp"

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

namespace {

std::ptrdiff_t entries(const fs::path& path) {
    return std::distance(fs::directory_iterator(path), fs::directory_iterator());
}

bool leads_out(const file_error& error) {
    return std::string_view(error.what()).find("a symbolic link leads out of") != std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(folder_suite)

BOOST_AUTO_TEST_CASE(replacing_makes_folders_and_leaves_no_temporary_file) {
    const temp_dir dir;
    folder to(dir / "made/here");
    to.replace("a/b/c.yaml", "one");
    to.replace("a/b/c.yaml", "two");
    BOOST_TEST(to.read("a/b/c.yaml", 10).value() == "two");
    BOOST_TEST(read_text(dir / "made/here/a/b/c.yaml") == "two");
    BOOST_TEST(entries(dir / "made/here/a/b") == 1);
}

BOOST_AUTO_TEST_CASE(files_that_were_prepared_take_their_places_or_leave_nothing) {
    const temp_dir dir;
    folder to(dir / "out");
    to.replace("a/kept", "old");
    {
        folder::successor first = to.prepare("a/kept", "new");
        const folder::successor second = to.prepare("a/other", "never");
        BOOST_TEST(read_text(dir / "out/a/kept") == "old");
        BOOST_TEST(entries(dir / "out/a") == 3);
        first.take_place();
    }
    BOOST_TEST(read_text(dir / "out/a/kept") == "new");
    BOOST_TEST(entries(dir / "out/a") == 1);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_prepared_in_a_folder_that_is_gone_is_an_error) {
    const temp_dir dir;
    folder to(dir / "out");
    folder::successor lost = to.prepare("a/b", "new");
    fs::remove_all(dir / "out/a");
    BOOST_CHECK_THROW(lost.take_place(), file_error);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_nothing_and_makes_nothing) {
    const temp_dir dir;
    folder of(dir / "none");
    BOOST_TEST(!of.read("a/b", 10).has_value());
    BOOST_TEST(!of.has("a/b"));
    BOOST_TEST(of.names_in("a").empty());
    of.remove("a/b");
    BOOST_TEST(of.remove_unfinished() == 0u);
    BOOST_TEST(!fs::exists(dir / "none"));
    BOOST_TEST(of.is_in_place());
}

BOOST_AUTO_TEST_CASE(an_existing_file_keeps_its_permissions_and_owner) {
    const temp_dir dir;
    write_text(dir / "x", "one");
    const bool root = ::geteuid() == 0;
    if (root) BOOST_REQUIRE(::chown((dir / "x").c_str(), 1234, 4321) == 0);
    fs::permissions(dir / "x", fs::perms::owner_read | fs::perms::owner_write);
    folder(dir.path()).replace("x", "two");
    struct stat now {};
    BOOST_REQUIRE(::stat((dir / "x").c_str(), &now) == 0);
    BOOST_TEST((now.st_mode & 07777) == 0600u);
    if (root) BOOST_TEST((now.st_uid == 1234 && now.st_gid == 4321));
    BOOST_TEST(read_text(dir / "x") == "two");
}

BOOST_AUTO_TEST_CASE(a_new_file_has_its_mode_less_the_umask) {
    const temp_dir dir;
    const mode_t before = ::umask(027);
    folder(dir / "f", {.folders = 0777, .files = 0666}).replace("x/y", "one");
    ::umask(before);
    BOOST_TEST((fs::status(dir / "f/x").permissions() == fs::perms(0750)));
    BOOST_TEST((fs::status(dir / "f/x/y").permissions() == fs::perms(0640)));
}

BOOST_AUTO_TEST_CASE(links_inside_are_followed_and_stay_links) {
    const temp_dir dir;
    write_text(dir / "f/real/x", "one");
    fs::create_symlink("real/x", dir / "f/relative");
    fs::create_symlink(dir / "f/real", dir / "f/absolute");
    fs::create_symlink("../f/real", dir / "f/over");
    fs::create_symlink("real/later", dir / "f/dangling");
    folder to(dir / "f");
    to.replace("relative", "two");
    BOOST_TEST(read_text(dir / "f/real/x") == "two");
    to.replace("absolute/x", "three");
    BOOST_TEST(read_text(dir / "f/real/x") == "three");
    to.replace("dangling", "four");
    BOOST_TEST(read_text(dir / "f/real/later") == "four");
    for (const char* each : {"relative", "absolute", "dangling"})
        BOOST_TEST(fs::is_symlink(dir / "f" / each));
    // By way of the folder above, where another may be put in its place at any time.
    BOOST_CHECK_EXCEPTION(to.replace("over/x", "x"), file_error, leads_out);
}

BOOST_AUTO_TEST_CASE(nothing_behind_a_link_that_leads_out_is_read_written_or_removed) {
    const temp_dir dir;
    write_text(dir / "outside/x", "mine");
    write_text(dir / "f/inside/y", "");
    fs::create_symlink(dir / "outside/x", dir / "f/file");
    fs::create_symlink(dir / "outside", dir / "f/folder");
    fs::create_symlink("../../outside", dir / "f/inside/up");
    folder to(dir / "f");
    for (const fs::path each : {"file", "folder/x", "inside/up/x", "../outside/x", "folder/new"}) {
        BOOST_CHECK_EXCEPTION(to.read(each, 10), file_error, leads_out);
        BOOST_CHECK_EXCEPTION(to.replace(each, "x"), file_error, leads_out);
        BOOST_CHECK_EXCEPTION(to.remove(each), file_error, leads_out);
    }
    BOOST_TEST(read_text(dir / "outside/x") == "mine");
    BOOST_TEST(entries(dir / "outside") == 1);
}

BOOST_AUTO_TEST_CASE(links_that_go_round_are_an_error) {
    const temp_dir dir;
    fs::create_symlink("loop", dir / "loop");
    folder to(dir.path());
    BOOST_CHECK_EXCEPTION(to.replace("loop/x", "x"), file_error,
                          [](const file_error& error) { return error.code() == ELOOP; });
}

// The folder that was opened is written to, whatever its path leads to by then.
BOOST_AUTO_TEST_CASE(another_folder_put_in_its_place_gets_nothing) {
    const temp_dir dir;
    folder to(dir / "f");
    to.replace("ns/x", "one");
    fs::rename(dir / "f", dir / "moved");
    fs::create_directories(dir / "outside/ns");
    fs::create_symlink(dir / "outside", dir / "f");
    BOOST_TEST(!to.is_in_place());
    to.replace("ns/x", "two");
    BOOST_TEST(read_text(dir / "moved/ns/x") == "two");
    BOOST_TEST(fs::is_empty(dir / "outside/ns"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_removed_is_an_error_and_not_made_anew) {
    const temp_dir dir;
    folder to(dir / "f");
    to.replace("x", "one");
    fs::remove_all(dir / "f");
    BOOST_TEST(!to.is_in_place());
    BOOST_CHECK_THROW(to.replace("x", "two"), file_error);
    BOOST_TEST(!fs::exists(dir / "f"));
}

BOOST_AUTO_TEST_CASE(a_file_that_somebody_has_changed_is_not_written_over) {
    const temp_dir dir;
    folder to(dir.path());
    const std::string known = "known";
    for (const std::string now : {"other", "known and more", ""}) {
        write_text(dir / "x", now);
        BOOST_CHECK_THROW(to.replace_known("x", "ours", &known), file_changed);
        BOOST_CHECK_THROW(to.replace_known("x", "ours", nullptr), file_changed);
        BOOST_TEST(read_text(dir / "x") == now);
    }
    fs::remove(dir / "x");
    BOOST_CHECK_THROW(to.replace_known("x", "ours", &known), file_changed);
    BOOST_TEST(fs::is_empty(dir.path()));
    to.replace_known("x", "known", nullptr);
    to.replace_known("x", "ours", &known);
    BOOST_TEST(read_text(dir / "x") == "ours");
}

BOOST_AUTO_TEST_CASE(what_a_killed_run_left_is_removed_and_nothing_else) {
    const temp_dir dir;
    for (const char* name : {"cpg-unfinished-0123abcd", "ns/cpg-unfinished-ffffffff"})
        write_text(dir / name, "half");
    for (const char* name : {"cpg-unfinished-", "cpg-unfinished-0123abcd.yaml", "cpg-unfinished-0123ABCD",
                             "ns/api.yaml", "ns/deep/cpg-unfinished-0123abcd"})
        write_text(dir / name, "a person's");
    write_text(dir / "outside/cpg-unfinished-0123abcd", "");
    fs::create_directory(dir / "f");
    fs::create_symlink(dir / "outside", dir / "f/link");
    BOOST_TEST(folder(dir / "f").remove_unfinished() == 0u);
    BOOST_TEST(fs::exists(dir / "outside/cpg-unfinished-0123abcd"));
    fs::remove_all(dir / "outside");
    BOOST_TEST(folder(dir.path()).remove_unfinished() == 2u);
    BOOST_TEST(entries(dir.path()) == 5);
    BOOST_TEST(entries(dir / "ns") == 2);
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_half_way_leaves_the_old_file_whole) {
    const temp_dir dir;
    write_text(dir / "x", "old");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{100, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    BOOST_CHECK_THROW(folder(dir.path()).replace("x", std::string(1000, 'x')), file_error);
    ::setrlimit(RLIMIT_FSIZE, &before);
    BOOST_TEST(read_text(dir / "x") == "old");
    BOOST_TEST(entries(dir.path()) == 1);
}

BOOST_AUTO_TEST_CASE(a_file_where_a_folder_should_be_and_the_other_way_round_are_named) {
    const temp_dir dir;
    write_text(dir / "a", "file");
    fs::create_directory(dir / "b");
    folder to(dir.path());
    BOOST_CHECK_THROW(to.replace("a/b.yaml", "x"), file_error);
    BOOST_CHECK_THROW(to.replace("b", "x"), file_error);
    BOOST_CHECK_THROW(to.read("b", 10), file_error);
    BOOST_REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
    BOOST_CHECK_THROW(to.read("fifo", 10), file_error);
    BOOST_TEST(entries(dir.path()) == 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

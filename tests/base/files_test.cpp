// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/files.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "support/temp_dir.hpp"

namespace cpg {

namespace fs = std::filesystem;
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

BOOST_AUTO_TEST_CASE(a_folder_that_can_not_be_reached_is_named) {
    const temp_dir dir;
    write_text(dir / "file", "");
    fs::create_symlink("loop", dir / "loop");
    for (const fs::path& path : {dir / "file/below", dir / "loop/below", dir / std::string(300, 'x')})
        BOOST_CHECK_EXCEPTION(make_folders(path), file_error,
                              [&](const file_error& error) { return error.code() != 0 && *error.what() != 0; });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

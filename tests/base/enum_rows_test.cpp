// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/enum_rows.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

enum class colour : unsigned char { red, green, blue };
using enum colour;
using row = enum_row<colour>;

constexpr std::array whole = {row{red, "r"}, row{green, "g"}, row{blue, "b"}};
constexpr std::array out_of_order = {row{red, "r"}, row{blue, "b"}, row{green, "g"}};
constexpr std::array short_of_one = {row{red, "r"}, row{green, "g"}};
constexpr std::array twice = {row{red, "r"}, row{green, "g"}, row{green, "g"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(enum_rows_suite)

BOOST_AUTO_TEST_CASE(only_a_row_for_each_in_order_is_a_table) {
    BOOST_TEST(are_rows_of(whole, blue));
    BOOST_TEST(!are_rows_of(out_of_order, blue));
    BOOST_TEST(!are_rows_of(short_of_one, blue));
    BOOST_TEST(!are_rows_of(twice, blue));
    BOOST_TEST(in_row(whole, green) == "g");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

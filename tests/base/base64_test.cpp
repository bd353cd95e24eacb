// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/base64.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

BOOST_AUTO_TEST_SUITE(base64_suite)

BOOST_AUTO_TEST_CASE(base64_there_and_back) {
    for (const std::string& text :
         {std::string(), std::string("a"), std::string("ab"), std::string("abc"), std::string("\0\xff\xfe\x01", 4)}) {
        BOOST_TEST(base64_decode(base64_encode(text)).bytes == text);
        BOOST_TEST(!base64_decode(base64_encode(text)).bad_at.has_value());
    }
    BOOST_TEST(base64_decode("aGVs\r\nbG8=\n").bytes == "hello");
    BOOST_TEST(base64_decode("!").bad_at.value() == 0U);
    BOOST_TEST(base64_decode("aGVsbG8").bad_at.has_value());
    BOOST_TEST(base64_decode("aG=V").bad_at.has_value());
    BOOST_TEST(base64_decode("aGVsbG8==").bad_at.has_value());
    BOOST_TEST(base64_decode("aA==aA==").bad_at.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

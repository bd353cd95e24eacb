// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/packed_text.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

namespace cpg {

BOOST_AUTO_TEST_SUITE(packed_text_suite)

BOOST_AUTO_TEST_CASE(text_comes_back_as_it_was) {
    std::string noise(100'000, '\0');
    std::minstd_rand random(7);
    for (char& c : noise)
        c = static_cast<char>(random());
    for (const std::string& text : {std::string(), std::string("a"), std::string(1'000'000, '\0'), noise})
        BOOST_TEST((packed_text(text).text() == text));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

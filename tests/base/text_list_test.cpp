// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/text_list.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

namespace cpg {

BOOST_AUTO_TEST_SUITE(text_list_suite)

BOOST_AUTO_TEST_CASE(it_has_the_texts_that_it_was_made_of) {
    const std::vector<std::string_view> texts = {"k8s:app=cart", "", "reserved:world", ""};
    text_list list(texts);
    const text_list copy = list;
    list = {};
    BOOST_TEST(list.empty());
    BOOST_TEST(copy.size() == 4u);
    BOOST_TEST(copy[2] == "reserved:world");
    BOOST_TEST(std::ranges::equal(copy, texts));
    const std::vector<std::string_view> cut_elsewhere = {"k8s:app=car", "t", "reserved:world", ""};
    BOOST_TEST(!std::ranges::equal(copy, cut_elsewhere));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/hash.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

BOOST_AUTO_TEST_SUITE(hash_suite)

// Parts of captures carry it from one machine to another: these numbers go with part_schema_version.
BOOST_AUTO_TEST_CASE(the_lasting_hash_is_what_it_was) {
    BOOST_TEST(lasting_hash("") == 0xfb04e882776ec7e3u);
    BOOST_TEST(lasting_hash("10.0.0.1") == 0xf0ebffe0482cbef6u);
    BOOST_TEST(lasting_hash("prod-eu/worker-7") == 0x5c05c8dca9199618u);
    BOOST_TEST(lasting_hash("\xff") == 0xb1939423d544d721u);
    static_assert(lasting_hash("prod-eu/worker-7") == 0x5c05c8dca9199618u, "as the compiler sees it, too");
    static_assert(lasting_hash("a") != lasting_hash(std::string_view("a\0", 2)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

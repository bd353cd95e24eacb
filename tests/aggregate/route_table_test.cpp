// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/route_table.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

namespace cpg {

namespace {

// Keys that differ in a little, as those of one cluster do.
route_key key_of(std::uint32_t number) {
    static const std::vector<label_set> sets(64);
    route_key out;
    out.subject = &sets[number % 64];
    out.peer = &sets[number / 64 % 64];
    out.port = static_cast<std::uint16_t>(number / 4096);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(route_table_suite)

BOOST_AUTO_TEST_CASE(every_key_finds_its_own_route_while_the_table_grows) {
    route_table table;
    std::map<std::uint32_t, workload> targets;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        route& place = table[key_of(i)];
        BOOST_REQUIRE(!place.target);
        place.target = &targets[i];
    }
    for (std::uint32_t i = 0; i < 20'000; ++i)
        BOOST_REQUIRE(table[key_of(i)].target == &targets[i]);
}

BOOST_AUTO_TEST_CASE(a_key_that_differs_in_anything_is_another) {
    route_table table;
    workload target;
    table[key_of(1)].target = &target;
    route_key other = key_of(1);
    other.direction = direction::egress;
    BOOST_TEST(!table[other].target);
    table[other].target = &target;
    other.address.bytes[15] = 1;
    BOOST_TEST(!table[other].target);
}

// Flows of a port scan or of addresses from outside must not take all memory.
BOOST_AUTO_TEST_CASE(a_full_table_starts_anew) {
    route_table table;
    workload target;
    for (std::uint32_t i = 0; i < route_table::most_routes; ++i)
        table[key_of(i)].target = &target;
    BOOST_TEST(table[key_of(0)].target == &target);
    table[key_of(route_table::most_routes)].target = &target;
    BOOST_TEST(!table[key_of(0)].target);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

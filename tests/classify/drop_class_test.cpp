// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/drop_class.hpp"

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "support/data.hpp"

namespace cpg {

namespace {

// Columns of tests/data/drop-reasons.tsv.
constexpr std::size_t number = 0, name = 1, hint = 3, wanted_class = 7;

std::string class_of(const flow& dropped) {
    const drop_reason* const reason = drop_reason_of(dropped);
    return reason ? std::string(reason->name) + " " + std::string(to_string(reason->kind)) : "unknown";
}

flow dropped() {
    flow out;
    out.verdict = verdict::dropped;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(drop_class_suite)

BOOST_AUTO_TEST_CASE(every_reason_of_the_table_has_its_number_name_class_and_hint) {
    const auto rows = test::data_table("drop-reasons.tsv");
    BOOST_TEST(rows.size() == drop_reasons().size());
    for (const auto& row : rows) {
        const drop_reason* const found = find_drop_reason(static_cast<std::uint32_t>(std::stoul(row[number])));
        BOOST_TEST_CONTEXT(row[number] << " " << row[name]) {
            BOOST_TEST_REQUIRE(found);
            BOOST_TEST(to_string(found->kind) == row[wanted_class]);
            BOOST_TEST(found->hint == row[hint]);
            if (row[name].starts_with("(")) continue;
            BOOST_TEST(found->name == row[name]);
            BOOST_TEST(find_drop_reason(row[name]) == found);
            BOOST_TEST(find_drop_reason(lower(row[name])) == found);
        }
    }
}

BOOST_AUTO_TEST_CASE(numbers_and_names_that_are_not_in_the_table_are_not_found) {
    for (const std::uint32_t none : {1u, 129u, 207u, 4294967295u})
        BOOST_TEST(!find_drop_reason(none));
    BOOST_TEST(!find_drop_reason("POLICY"));
    BOOST_TEST(!find_drop_reason(""));
}

BOOST_AUTO_TEST_CASE(the_description_speaks_before_the_number_and_the_sub_type) {
    flow flow = dropped();
    flow.event_type = 1;
    flow.event_sub_type = 155;
    BOOST_TEST(class_of(flow) == "CT_MAP_INSERTION_FAILED infra");
    flow.drop_reason = 181;
    BOOST_TEST(class_of(flow) == "POLICY_DENY deny-rule");
    flow.drop_reason_desc.number = 189;
    BOOST_TEST(class_of(flow) == "AUTH_REQUIRED auth");
    flow.drop_reason_desc = {.number = 0, .name = "STALE_OR_UNROUTABLE_IP"};
    BOOST_TEST(class_of(flow) == "STALE_OR_UNROUTABLE_IP transient");
}

BOOST_AUTO_TEST_CASE(the_sub_type_of_another_event_is_no_reason) {
    flow flow = dropped();
    flow.event_type = 5;
    flow.event_sub_type = 155;
    BOOST_TEST(class_of(flow) == "DROP_REASON_UNKNOWN policy");
}

BOOST_AUTO_TEST_CASE(a_drop_without_any_reason_counts_as_policy_denied) {
    BOOST_TEST(class_of(dropped()) == "DROP_REASON_UNKNOWN policy");
    flow named = dropped();
    named.drop_reason_desc.name = "DROP_REASON_UNKNOWN";
    BOOST_TEST(class_of(named) == "DROP_REASON_UNKNOWN policy");
    named.drop_reason = 155;
    BOOST_TEST(class_of(named) == "CT_MAP_INSERTION_FAILED infra");
}

BOOST_AUTO_TEST_CASE(a_name_of_a_newer_hubble_falls_back_on_its_number) {
    flow flow = dropped();
    flow.drop_reason_desc.name = "BRAND_NEW";
    BOOST_TEST(class_of(flow) == "unknown");
    BOOST_TEST(unknown_reason_name(flow) == "BRAND_NEW");
    flow.drop_reason = 155;
    BOOST_TEST(class_of(flow) == "CT_MAP_INSERTION_FAILED infra");
    flow.drop_reason = 250;
    BOOST_TEST(class_of(flow) == "unknown");
}

BOOST_AUTO_TEST_CASE(the_name_of_an_unknown_reason_is_short_and_printable) {
    flow unknown = dropped();
    const std::string name = "A\x1b[31m" + std::string(10'000, 'x');
    unknown.drop_reason_desc.name = name;
    BOOST_TEST(unknown_reason_name(unknown).size() < 120u);
    BOOST_TEST(unknown_reason_name(unknown).find('\x1b') == std::string::npos);
    flow number_only = dropped();
    number_only.drop_reason_desc.number = 250;
    BOOST_TEST(unknown_reason_name(number_only) == "250");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

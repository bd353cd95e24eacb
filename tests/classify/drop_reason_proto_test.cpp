// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>

#include "classify/drop_class.hpp"
#include "flow/flow.pb.h"

namespace cpg {

BOOST_AUTO_TEST_SUITE(drop_reason_proto_suite)

// Numbers that only the datapath, or newer code, has.
bool is_beyond_the_api(std::uint32_t number) {
    return number == 159 || number == 206;
}

BOOST_AUTO_TEST_CASE(the_table_and_hubbles_enum_name_the_same_reasons) {
    const auto& names = *::flow::DropReason_descriptor();
    for (const drop_reason& row : drop_reasons()) {
        const auto* const value = names.FindValueByNumber(static_cast<int>(row.number));
        BOOST_TEST_CONTEXT(row.number << " " << row.name) {
            BOOST_TEST((value != nullptr) == !is_beyond_the_api(row.number));
            if (value) BOOST_TEST(value->name() == row.name);
        }
    }
    for (int i = 0; i < names.value_count(); ++i)
        BOOST_TEST(find_drop_reason(static_cast<std::uint32_t>(names.value(i)->number())), names.value(i)->name());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

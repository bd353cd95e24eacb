// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/unhandled.hpp"

namespace cpg {

std::string_view to_string(unhandled reason) {
    constexpr std::array<std::string_view, unhandled_reasons> names = {
        "no_l4",           "nil_endpoint",        "empty_namespace",
        "nil_source",      "nil_destination",     "unknown_protocol",
        "world_no_ip",     "unknown_direction",   "reserved_identity",
        "reply",           "explicit_deny",       "auth_required",
        "lb_source_range", "unknown_drop_reason", "no_usable_labels",
        "invalid_name",    "other_namespace",     "l7_without_flag",
        "mid_connection",  "other_cluster",       "outside_window"};
    return names[static_cast<std::size_t>(reason)];
}

}  // namespace cpg

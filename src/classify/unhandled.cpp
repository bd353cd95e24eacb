// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/unhandled.hpp"

#include "base/enum_rows.hpp"

namespace cpg {

std::string_view to_string(unhandled reason) {
    using enum unhandled;
    constexpr auto rows = std::to_array<enum_row<unhandled>>({{no_l4, "no_l4"},
                                                              {nil_endpoint, "nil_endpoint"},
                                                              {empty_namespace, "empty_namespace"},
                                                              {nil_source, "nil_source"},
                                                              {nil_destination, "nil_destination"},
                                                              {unknown_protocol, "unknown_protocol"},
                                                              {world_no_ip, "world_no_ip"},
                                                              {unknown_direction, "unknown_direction"},
                                                              {reserved_identity, "reserved_identity"},
                                                              {reply, "reply"},
                                                              {explicit_deny, "explicit_deny"},
                                                              {auth_required, "auth_required"},
                                                              {lb_source_range, "lb_source_range"},
                                                              {unknown_drop_reason, "unknown_drop_reason"},
                                                              {no_usable_labels, "no_usable_labels"},
                                                              {invalid_name, "invalid_name"},
                                                              {other_namespace, "other_namespace"},
                                                              {l7_without_flag, "l7_without_flag"},
                                                              {mid_connection, "mid_connection"},
                                                              {other_cluster, "other_cluster"},
                                                              {outside_window, "outside_window"}});
    static_assert(are_rows_of(rows, outside_window) && rows.size() == unhandled_reasons);
    return in_row(rows, reason);
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_request.hpp"

#include <algorithm>
#include <array>

#include "flow/flow.hpp"

namespace cpg {

namespace {

::flow::FlowFilter denied_flows(bool audit) {
    ::flow::FlowFilter out;
    out.add_verdict(::flow::DROPPED);
    if (audit) out.add_verdict(::flow::AUDIT);
    return out;
}

// Whatever became of them; answers say nothing that a rule could say.
::flow::FlowFilter l7_requests() {
    ::flow::FlowFilter out;
    out.add_event_type()->set_type(static_cast<int>(l7_event));
    out.add_reply(false);
    return out;
}

// Those that make rules: what was translated, and verdicts.
::flow::FlowFilter allowed_connections() {
    ::flow::FlowFilter out;
    out.add_verdict(::flow::FORWARDED);
    out.add_verdict(::flow::REDIRECTED);
    for (const std::uint32_t point : translated_points) {
        auto& type = *out.add_event_type();
        type.set_type(static_cast<int>(trace_event));
        type.set_match_sub_type(true);
        type.set_sub_type(static_cast<int>(point));
    }
    out.add_event_type()->set_type(static_cast<int>(verdict_event));
    out.add_reply(false);
    return out;
}

void set_time(google::protobuf::Timestamp& to, std::int64_t time_ns) {
    constexpr std::int64_t second = 1'000'000'000;
    to.set_seconds(time_ns / second);
    to.set_nanos(static_cast<std::int32_t>(time_ns % second));
}

// Entries are OR-ed, the fields of one are AND-ed (cilium:pkg/hubble/filters/filters.go); `ns/` is any pod of ns.
void add_filter(observer::GetFlowsRequest& out, const ::flow::FlowFilter& what,
                std::span<const std::string> namespaces) {
    ::flow::FlowFilter& from = *out.add_whitelist() = what;
    if (namespaces.empty()) return;
    for (const std::string& name : namespaces)
        from.add_source_pod(name + "/");
    ::flow::FlowFilter& to = *out.add_whitelist() = what;
    for (const std::string& name : namespaces)
        to.add_destination_pod(name + "/");
}

}  // namespace

// Members of Flow alone: of a mask within one, Hubble makes that member present in every flow. Time and node name are
// also those of the message around the flow.
std::span<const std::string_view> fields_read() {
    static constexpr std::array<std::string_view, 19> fields = {"time",
                                                                "uuid",
                                                                "verdict",
                                                                "drop_reason",
                                                                "drop_reason_desc",
                                                                "IP",
                                                                "l4",
                                                                "source",
                                                                "destination",
                                                                "Type",
                                                                "node_name",
                                                                "l7",
                                                                "destination_names",
                                                                "destination_service",
                                                                "traffic_direction",
                                                                "is_reply",
                                                                "event_type",
                                                                "ingress_denied_by",
                                                                "egress_denied_by"};
    return fields;
}

observer::GetFlowsRequest flows_request(std::span<const std::string> namespaces, wanted_flows wanted,
                                        std::optional<std::int64_t> since_ns, std::optional<std::int64_t> until_ns) {
    observer::GetFlowsRequest out;
    out.set_follow(!until_ns);
    // Only a time makes a server look back: without, it serves its last flows, whatever their number.
    if (since_ns || until_ns) set_time(*out.mutable_since(), std::max<std::int64_t>(since_ns.value_or(1), 1));
    if (until_ns) set_time(*out.mutable_until(), *until_ns);
    if (!wanted.whole)
        for (const std::string_view field : fields_read())
            out.mutable_field_mask()->add_paths(std::string(field));
    add_filter(out, denied_flows(wanted.audit), namespaces);
    if (wanted.forwarded) add_filter(out, allowed_connections(), namespaces);
    if (wanted.l7) add_filter(out, l7_requests(), namespaces);
    return out;
}

}  // namespace cpg

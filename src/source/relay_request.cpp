// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_request.hpp"

namespace cpg {

observer::GetFlowsRequest dropped_flows_request(std::span<const std::string> namespaces,
                                                std::optional<std::int64_t> since_ns) {
    constexpr std::int64_t second = 1'000'000'000;
    observer::GetFlowsRequest out;
    out.set_follow(true);
    if (since_ns && *since_ns > 0) {
        out.mutable_since()->set_seconds(*since_ns / second);
        out.mutable_since()->set_nanos(static_cast<std::int32_t>(*since_ns % second));
    }
    out.add_whitelist()->add_verdict(::flow::DROPPED);
    if (namespaces.empty()) return out;
    // Entries are OR-ed, the fields of one are AND-ed (cilium:pkg/hubble/filters/filters.go); `ns/` is any
    // pod of ns.
    out.add_whitelist()->add_verdict(::flow::DROPPED);
    for (const std::string& name : namespaces) {
        out.mutable_whitelist(0)->add_source_pod(name + "/");
        out.mutable_whitelist(1)->add_destination_pod(name + "/");
    }
    return out;
}

}  // namespace cpg

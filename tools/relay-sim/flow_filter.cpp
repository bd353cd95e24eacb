// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow_filter.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace cpg::sim {

namespace {

// `ns/` any pod of ns, `ns/pre` pods of ns that begin so, `/pre` of any namespace, `pre` of `default`
// (cilium:pkg/hubble/k8s/utils.go ParseNamespaceName).
bool is_pod(std::string_view pattern, const ::flow::Endpoint& endpoint) {
    if (endpoint.namespace_().empty() && endpoint.pod_name().empty()) return false;
    const std::size_t slash = pattern.find('/');
    const bool has_slash = slash != std::string_view::npos;
    const std::string_view name_space = has_slash ? pattern.substr(0, slash) : "default";
    const std::string_view prefix = has_slash ? pattern.substr(slash + 1) : pattern;
    return (name_space.empty() || endpoint.namespace_() == name_space) && endpoint.pod_name().starts_with(prefix);
}

template <class Patterns>
bool is_any_pod(const Patterns& patterns, const ::flow::Endpoint& endpoint) {
    return patterns.empty() ||
           std::ranges::any_of(patterns, [&](const std::string& pattern) { return is_pod(pattern, endpoint); });
}

// A sub-type that was not asked for is any (cilium:pkg/hubble/filters/event_type.go).
bool is_event(const ::flow::EventTypeFilter& wanted, const ::flow::CiliumEventType& event) {
    return wanted.type() == event.type() && (!wanted.match_sub_type() || wanted.sub_type() == event.sub_type());
}

bool is_any_event(const ::flow::FlowFilter& filter, const ::flow::Flow& flow) {
    return filter.event_type().empty() ||
           (flow.has_event_type() && std::ranges::any_of(filter.event_type(), [&](const auto& wanted) {
                return is_event(wanted, flow.event_type());
            }));
}

// A flow of which it is not known is neither (cilium:pkg/hubble/filters/reply.go).
bool is_any_reply(const ::flow::FlowFilter& filter, const ::flow::Flow& flow) {
    const auto& replies = filter.reply();
    return replies.empty() ||
           (flow.has_is_reply() && std::ranges::find(replies, flow.is_reply().value()) != replies.end());
}

bool matches(const ::flow::FlowFilter& filter, const ::flow::Flow& flow) {
    const auto& verdicts = filter.verdict();
    return (verdicts.empty() || std::ranges::find(verdicts, flow.verdict()) != verdicts.end()) &&
           is_any_event(filter, flow) && is_any_reply(filter, flow) && is_any_pod(filter.source_pod(), flow.source()) &&
           is_any_pod(filter.destination_pod(), flow.destination());
}

template <class Filters>
bool matches_any(const Filters& filters, const ::flow::Flow& flow) {
    return std::ranges::any_of(filters, [&](const ::flow::FlowFilter& filter) { return matches(filter, flow); });
}

}  // namespace

bool is_asked_for(const observer::GetFlowsRequest& request, const ::flow::Flow& flow) {
    return (request.whitelist().empty() || matches_any(request.whitelist(), flow)) &&
           !matches_any(request.blacklist(), flow);
}

}  // namespace cpg::sim

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Which events of the datapath say that a connection was let through.
#include <algorithm>

#include "classify/gates.hpp"

namespace cpg {

namespace {

// At the FROM points addresses are those before translation, and neither direction nor replies are known; TO_PROXY is
// seen again behind the proxy. The datapath knows by conntrack whether a packet is a reply; where it does not, the flow
// does not say.
bool is_trace_of_opening(const flow& flow) {
    return flow.verdict == verdict::forwarded && flow.is_reply == tristate::no &&
           std::ranges::find(translated_points, flow.event_sub_type) != translated_points.end();
}

// Of allowed connections only where a policy is in force (cilium:pkg/endpoint/bpf.go GetPolicyVerdictLogFilter).
bool is_allowing_verdict(const flow& flow) {
    return flow.verdict == verdict::forwarded || flow.verdict == verdict::redirected;
}

}  // namespace

bool opens_allowed_connection(const flow& flow) {
    if (flow.is_l7() || opening_of(flow) != opening::opens || flow.to_service) return false;
    if (flow.protocol == l4_protocol::tcp && !(flow.tcp_syn && !flow.tcp_ack)) return false;
    if (flow.event_type == trace_event) return is_trace_of_opening(flow);
    return flow.event_type == verdict_event && is_allowing_verdict(flow);
}

}  // namespace cpg

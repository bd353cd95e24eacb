// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A flow that makes a rule, made of parts that a test changes one at a time, and what owns its labels. One thread.

#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

#include "flow/flow.hpp"

namespace cpg::test {

/// app=frontend in shop to app=cart in shop, TCP 40000 to 8080, SYN, denied on ingress.
class sample_flow {
  public:
    sample_flow() {
        flow.verdict = verdict::dropped;
        flow.direction = direction::ingress;
        flow.type = flow_type::l3_l4;
        flow.drop_reason_desc.name = "POLICY_DENIED";
        flow.drop_reason = 133;
        flow.event_type = 1;
        flow.event_sub_type = 133;
        flow.time_ns = 1'768'381'918'000'000'000;
        flow.source_ip = "10.0.0.1";
        flow.destination_ip = "10.0.0.2";
        flow.protocol = l4_protocol::tcp;
        flow.tcp_syn = true;
        flow.source_port = 40000;
        flow.destination_port = 8080;
        flow.node_name = "node-a";
        flow.source = pod("shop", {"k8s:app=frontend"});
        flow.destination = pod("shop", {"k8s:app=cart"});
    }
    sample_flow(const sample_flow&) = delete;
    sample_flow& operator=(const sample_flow&) = delete;

    endpoint pod(std::string_view pod_namespace, std::vector<std::string> labels, std::uint32_t identity = 41207) {
        if (!pod_namespace.empty()) labels.push_back("k8s:io.kubernetes.pod.namespace=" + std::string(pod_namespace));
        return other(pod_namespace, std::move(labels), identity);
    }

    /// An endpoint with exactly these labels.
    endpoint other(std::string_view pod_namespace, const std::vector<std::string>& labels, std::uint32_t identity = 0) {
        const std::vector<std::string_view> views(labels.begin(), labels.end());
        endpoint out;
        out.present = true;
        out.identity = identity;
        out.pod_namespace = pod_namespace;
        out.labels = table_.find(views, overflow_);
        return out;
    }

    cpg::flow flow;

  private:
    label_table sets_;
    label_cache table_{sets_};
    std::deque<label_set> overflow_;
};

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/flow_line.hpp"

#include <utility>

namespace cpg::test {

namespace {

// `"name":"value",`, or nothing.
std::string member(const std::string& name, const std::string& value) {
    return value.empty() ? "" : "\"" + name + "\":\"" + value + "\",";
}

std::string reason(const shown_flow& flow) {
    const std::string number =
        flow.reason_number == 0 ? "" : R"("drop_reason":)" + std::to_string(flow.reason_number) + ",";
    return number + member("drop_reason_desc", flow.reason);
}

std::string addresses(const shown_flow& flow) {
    const std::string version = flow.source_ip.find(':') == std::string::npos ? "IPv4" : "IPv6";
    return R"("IP":{"source":")" + flow.source_ip + R"(","destination":")" + flow.destination_ip +
           (flow.whole ? R"(","ipVersion":")" + version : "") + R"("},)";
}

std::string l4(const shown_flow& flow) {
    const std::string port = std::to_string(flow.port);
    const std::string flags = flow.protocol == "TCP" ? R"(,"flags":{"SYN":true})" : "";
    std::string inner = flow.l4;
    if (inner.empty() && flow.protocol.starts_with("ICMP")) inner = R"("type":)" + port;
    if (inner.empty())
        inner = R"("source_port":)" + std::to_string(flow.source_port) + R"(,"destination_port":)" + port + flags;
    return R"("l4":{")" + flow.protocol + "\":{" + inner + "}},";
}

constexpr const char* cards = R"("ethernet":{"source":"aa:05:cf:91:bf:4d","destination":"9e:7a:12:2a:8d:f2"},)";
constexpr const char* node_labels = R"("node_labels":["kubernetes.io/arch=amd64","kubernetes.io/os=linux"],)";
constexpr const char* summary = R"(,"Summary":"TCP Flags: SYN")";

}  // namespace

std::string pod_end(std::string_view pod_namespace, const std::vector<std::string>& labels, std::string_view more) {
    std::string quoted;
    for (const std::string& label : labels)
        quoted.append(quoted.empty() ? "\"" : ",\"").append(label).append("\"");
    return "{" + std::string(more) + R"("namespace":")" + std::string(pod_namespace) + R"(","labels":[)" + quoted +
           "]}";
}

std::string app_end(std::string_view pod_namespace, std::string_view app) {
    return pod_end(pod_namespace, {"k8s:app=" + std::string(app)});
}

std::string reserved_end(std::string_view name) {
    return R"({"labels":["reserved:)" + std::string(name) + R"("]})";
}

std::string line_of(const shown_flow& flow) {
    const bool whole = flow.whole;
    return R"({"flow":{)" + member("time", flow.time) + member("uuid", flow.uuid) + member("verdict", flow.verdict) +
           reason(flow) + (whole ? cards : "") + addresses(flow) + l4(flow) + R"("source":)" + flow.source +
           R"(,"destination":)" + flow.destination + "," + member("Type", flow.type) +
           (whole ? member("node_name", flow.node) + node_labels : "") + flow.more + R"("event_type":)" + flow.event +
           R"(,"traffic_direction":")" + (flow.ingress ? "INGRESS" : "EGRESS") + "\"" + (whole ? summary : "") +
           R"(},"node_name":")" + flow.node + (whole ? R"(","time":")" + flow.time : "") + "\"}\n";
}

shown_flow dns_query(const std::string& pod, const std::string& server, unsigned port, const std::string& name) {
    return {.verdict = "FORWARDED",
            .reason = "",
            .destination_ip = "192.0.2.53",
            .protocol = "UDP",
            .port = port,
            .source = pod,
            .destination = server,
            .type = "L7",
            .event = R"({"type":129})",
            .ingress = false,
            .more = R"("l7":{"type":"REQUEST","dns":{"query":")" + name + R"(."}},"is_reply":false,)"};
}

shown_flow dns_answer(const std::string& pod, const std::string& server, unsigned port, const std::string& name,
                      const std::string& ips) {
    shown_flow out = dns_query(pod, server, port, name);
    std::swap(out.source, out.destination);
    std::swap(out.source_ip, out.destination_ip);
    std::swap(out.source_port, out.port);
    out.more = R"("l7":{"type":"RESPONSE","dns":{"query":")" + name + R"(.","ips":[)" + ips + R"(]}},"is_reply":true,)";
    return out;
}

std::string flow_line(const std::string& peer, unsigned port, const std::string& subject,
                      const std::string& pod_namespace) {
    return line_of({.port = port, .source = app_end("shop", peer), .destination = app_end(pod_namespace, subject)});
}

}  // namespace cpg::test

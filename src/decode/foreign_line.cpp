// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/foreign_line.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/text.hpp"

namespace cpg::json {

namespace {

bool has(std::string_view line, std::string_view part) {
    return line.find(part) != std::string_view::npos;
}

bool has_any(std::string_view line, std::initializer_list<std::string_view> parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return has(line, part); });
}

bool begins_with_any(std::string_view line, std::initializer_list<std::string_view> parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return line.starts_with(part); });
}

// `TIMESTAMP: Jan 14 …` above `SOURCE: …`, with `------------` between flows (cilium:hubble/pkg/printer/printer.go).
bool is_dict(std::string_view line) {
    return begins_with_any(line, {"TIMESTAMP:", "SOURCE:", "DESTINATION:", "VERDICT:", "------------"});
}

bool is_table(std::string_view line) {
    return line.starts_with("TIMESTAMP") && has(line, "SOURCE") && has(line, "VERDICT");
}

// `Jan 14 09:13:41.002: shop/a:1 (ID:7) -> shop/b:2 (ID:8) policy-verdict:none INGRESS DENIED (TCP Flags: SYN)`
bool is_compact(std::string_view line) {
    return has_any(line, {" -> ", " <- ", " <> "}) &&
           has_any(line, {"FORWARDED", "DROPPED", "DENIED", "AUDIT", "REDIRECTED", "TRACED", "TRANSLATED"});
}

// cilium:pkg/monitor/datapath_drop.go, datapath_policy.go, datapath_trace.go
bool is_monitor(std::string_view line) {
    return begins_with_any(line, {"Policy verdict log:", "xx drop (", "Press Ctrl-C to quit", "Listening for events on",
                                  "CPU 0", "time="}) ||
           (has(line, "flow 0x") && has(line, "identity"));
}

bool is_monitor_json(std::string_view line) {
    return has(line, R"("cpu":"CPU)") || (has(line, R"("mark":"0x)") && has(line, R"("type":)"));
}

// cloud.google.com/kubernetes-engine/docs/how-to/network-policy-logging: `connection` and `disposition`.
bool is_gke(std::string_view line) {
    return has(line, R"("disposition")") && has(line, R"("connection")");
}

bool is_policy(std::string_view line) {
    return begins_with_any(line, {"apiVersion:", R"({"apiVersion":)"});
}

struct foreign_format {
    bool (*is)(std::string_view line);
    std::string_view problem;
};

constexpr std::array formats = {
    foreign_format{is_dict, "hubble's dict output: capture with `hubble observe -o jsonpb`"},
    foreign_format{is_table, "hubble's table output: capture with `hubble observe -o jsonpb`"},
    foreign_format{is_monitor,
                   "output of `cilium monitor`, which names no pods: capture with `hubble observe -o jsonpb`, in the "
                   "cilium pod too"},
    foreign_format{
        is_monitor_json,
        "output of `cilium monitor -j`, which names no pods: capture with `hubble observe -o jsonpb`, in the "
        "cilium pod too"},
    foreign_format{is_gke,
                   "a GKE network policy log, which has no labels: capture with `hubble observe -o jsonpb` (GKE "
                   "Dataplane V2 observability has a hubble-relay)"},
    foreign_format{is_policy, "a Kubernetes object, not a capture: capture with `hubble observe -o jsonpb`"},
    foreign_format{is_compact, "hubble's compact output: capture with `hubble observe -o jsonpb`"},
};

}  // namespace

std::string_view foreign_format_of(std::string_view line) {
    constexpr std::size_t most_looked_at = 4096;
    line = trim(line.substr(0, most_looked_at));
    const auto found = std::ranges::find_if(formats, [&](const foreign_format& each) { return each.is(line); });
    return found == formats.end() ? std::string_view() : found->problem;
}

}  // namespace cpg::json

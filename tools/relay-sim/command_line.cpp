// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "command_line.hpp"

#include <array>
#include <boost/program_options.hpp>
#include <sstream>
#include <string_view>

#include "base/duration.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "observer/observer.pb.h"

namespace cpg::sim {

namespace po = boost::program_options;

namespace {

// In the order of their numbers (https://grpc.github.io/grpc/core/md_doc_statuscodes.html).
constexpr std::array<std::string_view, 17> code_names = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

grpc::StatusCode parse_code(const std::string& text) {
    for (std::size_t number = 1; number < code_names.size(); ++number)
        if (equal_ignoring_case(code_names[number], text)) return static_cast<grpc::StatusCode>(number);
    throw usage_error("--refuse: \"" + text + "\" is no gRPC status code, e.g. PERMISSION_DENIED");
}

std::pair<std::uint64_t, std::string> parse_lost(const std::string& text) {
    const std::size_t colon = text.find(':');
    const auto number = parse_unsigned(std::string_view(text).substr(0, colon));
    const std::string source = colon == std::string::npos ? "HUBBLE_RING_BUFFER" : text.substr(colon + 1);
    ::flow::LostEventSource known{};
    if (!number || !::flow::LostEventSource_Parse(source, &known))
        throw usage_error("--lost-events: \"" + text + "\" is not N:SOURCE, e.g. 5:HUBBLE_RING_BUFFER");
    return {*number, source};
}

nanoseconds parse_time(const char* flag, const std::string& text) {
    try {
        return parse_duration(text);
    } catch (const std::invalid_argument& error) {
        throw usage_error(std::string(flag) + ": " + error.what());
    }
}

mask_handling parse_mask_handling(const std::string& text) {
    using enum mask_handling;
    for (const auto& [name, value] :
         {std::pair{"taken", taken}, {"ignored", ignored}, {"refused", refused}, {"refused-by-node", refused_by_node}})
        if (text == name) return value;
    throw usage_error("--field-mask: \"" + text + "\" is not one of taken, ignored, refused, refused-by-node");
}

// What has to be read further before it is a setting.
struct raw_values {
    std::vector<std::string> lost;
    std::string refuse;
    std::string late;
    std::string skew;
    std::string field_mask;
    bool no_server_status = false;
    bool hanging_server_status = false;
};

void add_address_flags(po::options_description& group, settings& out) {
    auto add = group.add_options();
    add("listen", po::value(&out.listen)->value_name("ADDR"),
        "host:port or unix:///path (127.0.0.1:0: a free port, which is printed)");
    add("tls-cert", po::value(&out.tls_cert)->value_name("FILE"), "serve TLS with this certificate (PEM)");
    add("tls-key", po::value(&out.tls_key)->value_name("FILE"), "its key");
    add("tls-client-ca", po::value(&out.tls_client_ca)->value_name("FILE"), "demand a client certificate of this CA");
}

void add_flow_flags(po::options_description& group, settings& out) {
    auto add = group.add_options();
    add("capture", po::value(&out.capture)->value_name("FILE"),
        "serve the flows of a capture (JSON lines) in place of generated ones");
    add("flows", po::value(&out.flows)->value_name("N"), "how many to generate (1000)");
    add("workloads", po::value(&out.workloads)->value_name("N"), "between how many workloads (20)");
    add("drop-share", po::value(&out.drop_share)->value_name("X"), "share of them that is dropped, 0 to 1 (1)");
    add("seed", po::value(&out.seed)->value_name("N"), "the same seed makes the same flows (1)");
    add("loop", po::bool_switch(&out.loop), "serve them again and again, each time as new flows");
    add("rate", po::value(&out.rate)->value_name("N"), "flows a second (as fast as they are taken)");
    add("end-when-done", po::bool_switch(&out.end_when_done), "end the stream after the last flow");
    add("tells-end", po::bool_switch(&out.tells_end), "after the last flow report the node sim/no-more as gone");
}

void add_fault_flags(po::options_description& group, settings& out, raw_values& raw) {
    auto add = group.add_options();
    add("lost-events", po::value(&raw.lost)->value_name("N:SOURCE"), "send lost events first; repeatable");
    add("node-unavailable", po::value(&out.unavailable_nodes)->value_name("NAME"),
        "report a node as unavailable; repeatable");
    add("stall-after", po::value(&out.stall_after)->value_name("N"), "send no more after N flows of a stream");
    add("node-error-after", po::value(&out.node_error_after)->value_name("N"),
        "lose the node after N flows of a stream without a time");
    add("node-error-loses", po::value(&out.node_error_loses)->value_name("N"), "flows that are lost with it");
    add("cut-after", po::value(&out.cut_after)->value_name("N"),
        "end a stream with UNAVAILABLE after N flows; the next one goes on where its `since` says");
    add("cuts", po::value(&out.cuts)->value_name("N"), "how many streams to cut (1)");
    add("refuse", po::value(&raw.refuse)->value_name("CODE"), "answer every call with this gRPC status");
    add("refuse-flows-only", po::bool_switch(&out.refuse_flows_only), "answer ServerStatus nevertheless");
    add("skew", po::value(&raw.skew)->value_name("D"),
        "each node's clock is ahead of that of the node before it, e.g. 10s");
    add("late-node-after", po::value(&out.late_node_after)->value_name("N"),
        "flows of the last node come behind N of the others");
    add("resend-after", po::value(&out.resend_after)->value_name("N"),
        "after N flows of a stream send all of them once more");
    add("field-mask", po::value(&raw.field_mask)->value_name("HOW"),
        "taken (as Cilium 1.16), ignored (as before), refused, or refused-by-node");
    add("late", po::value(&raw.late)->value_name("D"), "answer only after this time, e.g. 3s");
    add("no-server-status", po::bool_switch(&raw.no_server_status), "don't implement ServerStatus");
    add("hanging-server-status", po::bool_switch(&raw.hanging_server_status), "never answer ServerStatus");
}

po::options_description described(settings& out, raw_values& raw) {
    po::options_description address("Address");
    po::options_description flows("Flows");
    po::options_description faults("Faults");
    add_address_flags(address, out);
    add_flow_flags(flows, out);
    add_fault_flags(faults, out, raw);
    po::options_description all;
    all.add(address).add(flows).add(faults);
    all.add_options()("help,h", "print this help");
    return all;
}

void check(const settings& out) {
    if (out.tls_cert.empty() != out.tls_key.empty())
        throw usage_error("--tls-cert and --tls-key are only of use together");
    if (!out.tls_client_ca.empty() && !out.uses_tls()) throw usage_error("--tls-client-ca needs --tls-cert");
    if (out.drop_share < 0 || out.drop_share > 1) throw usage_error("--drop-share is a number from 0 to 1");
}

}  // namespace

std::string help_text() {
    settings out;
    raw_values raw;
    std::ostringstream text;
    text << "A stand-in for Hubble Relay: serves flows over Hubble's gRPC API, from a capture or made up.\n"
            "Prints `listening on ADDR`, then serves until SIGTERM or SIGINT.\n\n"
            "Usage: relay-sim [flags]\n"
         << described(out, raw) << "\n"
         << "Examples:\n"
            "  relay-sim --listen 127.0.0.1:4245 --loop --rate 100\n"
            "  relay-sim --capture drops.jsonl --listen unix:///tmp/hubble.sock\n"
            "  relay-sim --flows 10000 --cut-after 2500 --cuts 3\n";
    return text.str();
}

std::optional<settings> parse_command_line(int argc, const char* const* argv) {
    settings out;
    raw_values raw;
    po::variables_map values;
    try {
        po::store(po::command_line_parser(argc, argv)
                      .options(described(out, raw))
                      .positional({})
                      .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
                      .run(),
                  values);
        po::notify(values);
    } catch (const po::error& error) {
        throw usage_error(error.what());
    }
    if (values.count("help")) return std::nullopt;
    for (const std::string& text : raw.lost)
        out.lost_events.push_back(parse_lost(text));
    if (!raw.refuse.empty()) out.refuse = parse_code(raw.refuse);
    if (!raw.late.empty()) out.late = parse_time("--late", raw.late);
    if (!raw.skew.empty()) out.skew = parse_time("--skew", raw.skew);
    if (!raw.field_mask.empty()) out.field_mask = parse_mask_handling(raw.field_mask);
    out.server_status = !raw.no_server_status;
    out.server_status_hangs = raw.hanging_server_status;
    check(out);
    return out;
}

}  // namespace cpg::sim

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/keep_first.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "evidence/file.hpp"
#include "evidence/json_members.hpp"
#include "flow/address.hpp"

namespace cpg {

namespace {

namespace json = boost::json;
using namespace members;

constexpr std::uint64_t most_port = 65535;

// What is no address tells nothing.
std::set<std::string> addresses_of(const json::object& in) {
    std::set<std::string> out;
    for (std::string& each : texts_of(in, "addresses"))
        if (const auto read = parse_cidr(each); read && host_cidr(read->address) == each) out.insert(std::move(each));
    keep_first(out, limits::addresses_of_a_name);
    return out;
}

std::set<std::string> pods_of(const json::object& in, std::string_view name) {
    std::vector<std::string> texts = texts_of(in, name);
    std::set<std::string> out(std::make_move_iterator(texts.begin()), std::make_move_iterator(texts.end()));
    keep_first(out, limits::pods_of_a_rule);
    return out;
}

direction read_direction(const json::object& in) {
    const std::string text = text_of(in, "direction");
    if (text == "ingress") return direction::ingress;
    if (text == "egress") return direction::egress;
    damaged("direction", "is neither ingress nor egress");
}

l4_protocol read_protocol(const json::object& in) {
    constexpr std::array known = {l4_protocol::tcp, l4_protocol::udp, l4_protocol::sctp, l4_protocol::icmpv4,
                                  l4_protocol::icmpv6};
    const auto found =
        std::ranges::find(known, text_of(in, "protocol"), [](l4_protocol each) { return to_string(each); });
    if (found == known.end()) damaged("protocol", "is unknown");
    return *found;
}

std::uint16_t read_port(const json::object& in) {
    const auto port = parse_unsigned(text_of(in, "port"));
    if (!port || *port > most_port) damaged("port", "is no port");
    return static_cast<std::uint16_t>(*port);
}

peer read_peer(const json::object& in) {
    const std::string type = text_of(in, "type");
    if (type == "endpoint") return peer::endpoint(labels_of(in));
    if (type == "entity") return peer::entity(text_of(in, type));
    if (type == "cidr") return peer::cidr(text_of(in, type));
    if (type == "fqdn") return peer::fqdn(texts_of(in, "names"));
    damaged("type of a peer", "is unknown");
}

l7_match read_l7(const json::object& in) {
    if (!find(in, "l7")) return {};
    const json::object& l7 = object_of(in, "l7");
    const std::string protocol = text_of(l7, "protocol");
    if (protocol == "http") return l7_match::http(text_of(l7, "http_method"), text_of(l7, "http_path"));
    if (protocol == "dns") return l7_match::dns(text_of(l7, "dns_matchname"));
    damaged("protocol of l7", "is neither http nor dns");
}

sample_endpoint read_end(const json::object& in, std::string_view name) {
    if (!find(in, name)) return {};
    const json::object& end = object_of(in, name);
    return {.pod_namespace = text_of(end, "namespace"),
            .workload = text_of(end, "workload"),
            .pod = text_of(end, "pod"),
            .ip = text_of(end, "ip")};
}

evidence_sample read_sample(const json::object& in) {
    const std::uint64_t port = count_of(in, "port");
    if (port > most_port) damaged("port of a sample", "is no port");
    return {.time_ns = time_of(in, "time"),
            .source = read_end(in, "src"),
            .destination = read_end(in, "dst"),
            .port = static_cast<std::uint32_t>(port),
            .protocol = text_of(in, "protocol"),
            .verdict = text_of(in, "verdict"),
            .drop_reason = text_of(in, "drop_reason")};
}

evidence_session read_session(const json::object& in) {
    evidence_session out{.id = text_of(in, "id"),
                         .started_ns = time_of(in, "started_at"),
                         .ended_ns = time_of(in, "ended_at"),
                         .cpg_version = text_of(in, "cpg_version"),
                         .source = {},
                         .flows_ingested = count_of(in, "flows_ingested"),
                         .flows_unhandled = count_of(in, "flows_unhandled")};
    if (!find(in, "source")) return out;
    const json::object& source = object_of(in, "source");
    out.source = {
        .type = text_of(source, "type"), .file = text_of(source, "file"), .server = text_of(source, "server")};
    return out;
}

evidence_rule read_rule(const json::object& in) {
    evidence_rule out{.what = {.direction = read_direction(in),
                               .peer = read_peer(object_of(in, "peer")),
                               .protocol = read_protocol(in),
                               .port = read_port(in),
                               .l7 = read_l7(in)},
                      .flow_count = count_of(in, "flow_count"),
                      .first_seen_ns = time_of(in, "first_seen"),
                      .last_seen_ns = time_of(in, "last_seen"),
                      .contributing_sessions = texts_of(in, "contributing_sessions"),
                      .samples = {},
                      .addresses = addresses_of(in),
                      .subject_pods = pods_of(in, "subject_pods"),
                      .peer_pods = pods_of(in, "peer_pods")};
    read_list(in, "samples",
              [&](const json::value& each) { out.samples.push_back(read_sample(object_of(each, "sample"))); });
    return out;
}

evidence_document read_document(const json::object& in) {
    const json::object& policy = object_of(in, "policy");
    evidence_document out{.policy_name = text_of(policy, "name"),
                          .pod_namespace = text_of(policy, "namespace"),
                          .workload = text_of(policy, "workload"),
                          .sessions = {},
                          .rules = {}};
    read_list(in, "sessions",
              [&](const json::value& each) { out.sessions.push_back(read_session(object_of(each, "session"))); });
    read_list(in, "rules", [&](const json::value& each) {
        evidence_rule rule = read_rule(object_of(each, "rule"));
        const std::string key = to_string(rule.what);
        out.rules.emplace(key, std::move(rule));
    });
    return out;
}

}  // namespace

evidence_document parse_evidence(std::string_view text) {
    json::error_code error;
    const json::value value = json::parse(text, error);
    if (error) throw evidence_error("it is damaged: no JSON: " + error.message());
    const json::object& document = object_of(value, "the document");
    const json::value* const version = find(document, "schema_version");
    if (!version || !version->is_int64()) damaged("schema_version", "is missing");
    if (version->get_int64() != evidence_schema_version)
        throw evidence_version_error("it has schema version " + std::to_string(version->get_int64()) +
                                     ", and this cpg reads version " + std::to_string(evidence_schema_version));
    return read_document(document);
}

}  // namespace cpg

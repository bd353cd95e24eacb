// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/options_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <limits>

#include "base/text.hpp"
#include "partial/json_in.hpp"

namespace cpg {

namespace json = boost::json;

namespace {

// Which drop reason is of which class decides what makes a rule.
constexpr std::string_view classes = "classes of drop reasons";
constexpr std::array protocols = {l4_protocol::tcp, l4_protocol::udp, l4_protocol::sctp, l4_protocol::icmpv4,
                                  l4_protocol::icmpv6};

json::array list_of(std::set<std::string> names) {
    json::array out;
    for (const std::string& each : names)
        out.emplace_back(each);
    return out;
}

json::value moment(std::int64_t time_ns, std::int64_t unbounded) {
    return time_ns == unbounded ? json::value() : json::value(format_timestamp(time_ns));
}

std::int64_t read_moment(const json::value* from, std::int64_t unbounded) {
    if (!from) return unbounded;
    const auto read = parse_timestamp(text_in(*from, "a time of the options"));
    if (!read) throw part_error("a time of the options is none");
    return *read;
}

std::set<std::string> reason_names(const gate_settings& gates) {
    std::set<std::string> out;
    for (const drop_reason* each : gates.ignored_reasons)
        out.emplace(each->name);
    return out;
}

std::set<std::string> protocol_names(const gate_settings& gates) {
    std::set<std::string> out;
    for (const l4_protocol each : gates.ignored_protocols)
        out.emplace(to_string(each));
    return out;
}

json::array entries_of(const selecting_keys& keys) {
    json::array out;
    for (const std::vector<std::string>& entry : keys)
        out.emplace_back(join(entry, "+"));
    return out;
}

const drop_reason* read_reason(std::string_view name) {
    if (const drop_reason* const found = find_drop_reason(name)) return found;
    throw part_error("a drop reason of the options is unknown");
}

l4_protocol read_protocol(std::string_view name) {
    const auto found = std::ranges::find(protocols, name, [](l4_protocol each) { return to_string(each); });
    if (found == protocols.end()) throw part_error("a protocol of the options is unknown");
    return *found;
}

gate_settings read_gates(const json::object& from) {
    gate_settings out;
    for (std::string& each : texts_in(needed_of(from, "namespace"), "\"namespace\""))
        out.namespaces.insert(std::move(each));
    for (const std::string& each : texts_in(needed_of(from, "ignore-protocol"), "\"ignore-protocol\""))
        out.ignored_protocols.push_back(read_protocol(each));
    for (const std::string& each : texts_in(needed_of(from, "ignore-drop-reason"), "\"ignore-drop-reason\""))
        out.ignored_reasons.push_back(read_reason(each));
    out.cluster = text_in(needed_of(from, "cluster"), "\"cluster\"");
    out.l7 = flag_in(needed_of(from, "l7"), "\"l7\"");
    out.fqdn = flag_in(needed_of(from, "fqdn"), "\"fqdn\"");
    out.audit = flag_in(needed_of(from, "include-audit"), "\"include-audit\"");
    out.forwarded = flag_in(needed_of(from, "include-forwarded"), "\"include-forwarded\"");
    out.window.since_ns = read_moment(member_of(from, "since"), out.window.since_ns);
    out.window.until_ns = read_moment(member_of(from, "until"), out.window.until_ns);
    return out;
}

selecting_keys read_select_by(const json::value& from) {
    selecting_keys out;
    for (const std::string& entry : texts_in(from, "\"select-by\"")) {
        std::vector<std::string>& keys = out.emplace_back();
        for (const std::string_view key : split(entry, '+'))
            keys.emplace_back(key);
    }
    return out;
}

std::string text_of(const json::object& options, std::string_view name) {
    const json::value* const found = options.if_contains(name);
    return found && !found->is_null() ? json::serialize(*found) : "not given";
}

}  // namespace

json::object options_json(const part_options& options) {
    const gate_settings& gates = options.gates;
    const time_window always;
    return {{"namespace", list_of({gates.namespaces.begin(), gates.namespaces.end()})},
            {"cluster", gates.cluster},
            {"select-by", entries_of(options.select_by)},
            {"ignore-protocol", list_of(protocol_names(gates))},
            {"ignore-drop-reason", list_of(reason_names(gates))},
            {"since", moment(gates.window.since_ns, always.since_ns)},
            {"until", moment(gates.window.until_ns, always.until_ns)},
            {"include-audit", gates.audit},
            {"include-forwarded", gates.forwarded},
            {"l7", gates.l7},
            {"fqdn", gates.fqdn},
            {"evidence", options.evidence},
            {"evidence-samples", std::uint64_t{options.samples}},
            {"by-cluster", options.by_cluster},
            {classes, classifier_version}};
}

part_options read_options(const json::object& from) {
    constexpr std::uint64_t most_samples = 1'000'000;
    const std::string_view known = text_in(needed_of(from, classes), "the version of the classes");
    if (known != classifier_version)
        throw part_error("it was made by a cpg whose classes of drop reasons are " + printable(known) +
                         ", and this one's are " + std::string(classifier_version));
    part_options out;
    out.gates = read_gates(from);
    out.select_by = read_select_by(needed_of(from, "select-by"));
    out.evidence = flag_in(needed_of(from, "evidence"), "\"evidence\"");
    out.samples = unsigned_in(needed_of(from, "evidence-samples"), "\"evidence-samples\"", most_samples);
    // Parts of before have no such option.
    if (const json::value* const by_cluster = member_of(from, "by-cluster"))
        out.by_cluster = flag_in(*by_cluster, "\"by-cluster\"");
    return out;
}

std::optional<option_difference> difference_of(const part_options& first, const part_options& second) {
    const json::object a = options_json(first);
    const json::object b = options_json(second);
    for (const auto& [name, value] : a)
        if (b.at(name) != value)
            return option_difference{
                .option = "--" + std::string(name), .first = text_of(a, name), .second = text_of(b, name)};
    return std::nullopt;
}

}  // namespace cpg

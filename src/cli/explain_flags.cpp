// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/explain_flags.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/check_options.hpp"
#include "cli/evidence_flags.hpp"
#include "cli/session_flags.hpp"

namespace cpg {

namespace {

[[noreturn]] void bad_value(const parsed_options& options, value_id option, std::string_view expected) {
    throw usage_error("--" + std::string(option.spec().name) + " is " + std::string(expected) + ", not " +
                      json_quote(options.text(option)));
}

std::optional<direction> direction_of(const parsed_options& options) {
    const bool ingress = options.is_on("ingress");
    const bool egress = options.is_on("egress");
    if (!ingress && !egress) return std::nullopt;
    return ingress ? direction::ingress : direction::egress;
}

std::optional<std::uint16_t> port_of(const parsed_options& options) {
    if (!options.has("port")) return std::nullopt;
    return static_cast<std::uint16_t>(count_of(options, "port"));
}

std::optional<std::pair<std::string, std::string>> peer_label_of(const parsed_options& options) {
    if (!options.has("peer")) return std::nullopt;
    const std::string text = options.text("peer");
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) bad_value(options, "peer", "a label as KEY=VALUE");
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

std::optional<cidr> peer_cidr_of(const parsed_options& options) {
    if (!options.has("peer-cidr")) return std::nullopt;
    const std::optional<cidr> out = parse_cidr(options.text("peer-cidr"));
    if (!out) bad_value(options, "peer-cidr", "an address or a CIDR such as 10.0.0.0/8");
    return out;
}

std::optional<std::string> text_of(const parsed_options& options, value_id option) {
    return options.has(option) ? std::optional(options.text(option)) : std::nullopt;
}

std::optional<std::string> dns_name_of(const parsed_options& options) {
    std::optional<std::string> out = text_of(options, "dns-pattern");
    if (!out) return out;
    if (out->size() > 1 && out->ends_with('.')) out->pop_back();
    return lower(*out);
}

}  // namespace

rule_filter filter_of(const parsed_options& options) {
    return {.direction = direction_of(options),
            .port = port_of(options),
            .peer_label = peer_label_of(options),
            .peer_cidr = peer_cidr_of(options),
            .since_ns = moment_of(options, "since"),
            .http_method = text_of(options, "http-method"),
            .http_path = text_of(options, "http-path"),
            .dns_name = dns_name_of(options)};
}

std::string format_of(const parsed_options& options) {
    const std::string format = options.text("format");
    if (!options.is_on("json")) return format;
    if (options.has("format") && format != "json") throw usage_error("--json and --format exclude each other");
    return "json";
}

explain_query query_of(const parsed_options& options) {
    const std::string target = options.arguments.empty() ? "" : options.arguments[0];
    if (!options.arguments.empty()) check_target(target);
    const auto output_dir = std::filesystem::path(options.text("output-dir")).lexically_normal();
    const auto evidence_dir = evidence_dir_of(options);
    if (!evidence_dir)
        throw usage_error("there is no home directory; name the folder of the evidence with --evidence-dir");
    return {.target = target,
            .output_dir = output_dir,
            .output_dir_given = options.has("output-dir"),
            .evidence_dir = *evidence_dir,
            .evidence_dir_given = options.has("evidence-dir")};
}

}  // namespace cpg

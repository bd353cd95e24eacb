// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/session_flags.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "classify/drop_class.hpp"
#include "cli/check_options.hpp"
#include "cli/evidence_flags.hpp"
#include "cli/version.hpp"
#include "report/policy_difference.hpp"

namespace cpg {

namespace {

// In the order of the row.
constexpr std::array ignorable_protocols = {l4_protocol::tcp, l4_protocol::udp, l4_protocol::icmpv4,
                                            l4_protocol::icmpv6, l4_protocol::sctp};
static_assert(std::ranges::count(values_of(option_id("ignore-protocol").spec()), '|') + 1 ==
              std::ssize(ignorable_protocols));

const drop_reason* reason_of(const std::string& name) {
    if (const drop_reason* const found = find_drop_reason(name)) return found;
    constexpr std::size_t most_suggestions = 5;
    std::vector<std::string_view> names;
    for (const drop_reason& each : drop_reasons())
        names.push_back(each.name);
    const std::vector<std::string> near = near_names(name, names, most_suggestions);
    throw usage_error("unknown drop reason " + json_quote(name) + " in --ignore-drop-reason" +
                      (near.empty() ? "" : "; did you mean " + join(near, ", ") + "?"));
}

void warn_if_redundant(const drop_reason& reason, logger& log) {
    if (reason.kind != drop_class::infra && reason.kind != drop_class::transient) return;
    log.warn("ignoring this drop reason is redundant: it never makes a rule; it will now be missing in cluster health",
             {{"reason", reason.name}, {"class", to_string(reason.kind)}});
}

selecting_keys select_by_of(const parsed_options& options) {
    if (!options.has("select-by")) return default_selecting_keys();
    selecting_keys out;
    for (const std::string& entry : options.list("select-by")) {
        std::vector<std::string>& keys = out.emplace_back();
        for (const std::string_view key : split(entry, '+')) {
            if (key.empty()) throw usage_error("--select-by has an empty label key in " + json_quote(entry));
            if (is_unusable_label_key(key))
                throw usage_error("--select-by: " + json_quote(key) + " changes with every run or release");
            if (!is_valid_label_key(key)) throw usage_error("--select-by: " + json_quote(key) + " is no label key");
            if (std::ranges::find(keys, key) != keys.end())
                throw usage_error("--select-by: " + json_quote(key) + " stands twice in " + json_quote(entry));
            keys.emplace_back(key);
        }
    }
    return out;
}

gate_settings gate_settings_of(const parsed_options& options, logger& log) {
    gate_settings out;
    out.namespaces = namespaces_of(options);
    for (const std::string& name : options.list("ignore-protocol"))
        out.ignored_protocols.push_back(ignorable_protocols.at(place_among("ignore-protocol", name)));
    for (const std::string& name : options.list("ignore-drop-reason"))
        out.ignored_reasons.push_back(reason_of(name));
    for (const drop_reason* reason : out.ignored_reasons)
        warn_if_redundant(*reason, log);
    out.cluster = options.text("cluster");
    if (!out.cluster.empty() && !is_dns_subdomain(out.cluster))
        throw usage_error(json_quote(out.cluster) + " in --cluster is no name of a cluster");
    out.l7 = options.is_on("l7");
    out.window = window_of(options);
    out.fqdn = out.l7 || options.is_on("fqdn");
    out.audit = options.is_on("include-audit");
    out.forwarded = options.is_on("include-forwarded");
    if (out.forwarded && out.namespaces.empty() && !options.is_on("all-namespaces"))
        throw usage_error(
            "--include-forwarded makes rules of everything that happens: say for which namespaces with -n, or "
            "--all-namespaces");
    return out;
}

// `N`, `N:/P` for IPv4, `N:/P:/P` for both families.
address_limit address_limit_of(const parsed_options& options) {
    address_limit out;
    out.privates = options.is_on("aggregate-private");
    if (!options.has("aggregate-cidr")) return out;
    const std::string text = options.text("aggregate-cidr");
    const auto refuse = [&] {
        throw usage_error(
            "--aggregate-cidr is N or N:/P or N:/P:/P, with N from 1, P up to 32 and for IPv6 up to 128, not " +
            json_quote(text));
    };
    const auto parts = split(text, ':');
    const auto most = parse_unsigned(parts[0]);
    if (!most || *most == 0 || *most > limits::rules_of_a_workload || parts.size() > 3) refuse();
    out.most_addresses = *most;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto bits = parts[i].starts_with('/') ? parse_unsigned(parts[i].substr(1)) : std::nullopt;
        if (!bits || *bits < 8 || *bits > (i == 1 ? 32U : 128U)) refuse();
        (i == 1 ? out.shortest_v4 : out.shortest_v6) = static_cast<unsigned>(*bits);
    }
    return out;
}

rule_shape rule_shape_of(const parsed_options& options) {
    return {.collapse_paths = options.is_on("l7-collapse-paths"),
            .port_ranges = options.is_on("port-ranges"),
            .addresses = address_limit_of(options)};
}

// hubble's -o says how flows are printed; whoever is used to that would find folders of such names.
void warn_of_format(const std::filesystem::path& output_dir, logger& log) {
    constexpr std::array<std::string_view, 7> formats = {"compact", "dict", "json", "jsonpb", "tab", "table", "yaml"};
    if (std::ranges::find(formats, output_dir.string()) != formats.end())
        log.warn("-o is the directory that policies go to, not a format as hubble's -o is",
                 {{"output_dir", output_dir.string()}, {"logs_as_json", "--json"}});
}

writer_settings writer_settings_of(const parsed_options& options, logger& log) {
    writer_settings out;
    out.output_dir = std::filesystem::path(options.text("output-dir")).lexically_normal();
    warn_of_format(out.output_dir, log);
    out.dry_run = options.is_on("dry-run");
    out.diff = !options.is_on("no-diff");
    out.preface = newly_allowed;
    out.no_default_deny =
        options.has("no-default-deny") ? options.is_on("no-default-deny") : options.is_on("include-forwarded");
    return out;
}

log_level level_of(const parsed_options& options) {
    const log_level level = options.is_on("debug") ? log_level::debug : choice_of<log_level>(options, "log-level");
    if (!options.is_on("quiet")) return level;
    if (level == log_level::debug) throw usage_error("--quiet and --debug exclude each other");
    return std::max(level, log_level::warn);
}

}  // namespace

std::set<std::string, std::less<>> namespaces_of(const parsed_options& options) {
    const std::vector<std::string> names = options.list("namespace");
    for (const std::string& name : names)
        if (!is_dns_label(name)) throw usage_error(json_quote(name) + " in --namespace is no name of a namespace");
    return {names.begin(), names.end()};
}

colour_choice color_of(const parsed_options& options) {
    return choice_of<colour_choice>(options, "color");
}

log_settings log_settings_of(const parsed_options& options) {
    const bool json = options.is_on("json");
    return {.level = level_of(options),
            .json = json,
            .colour = !json && has_colour(STDERR_FILENO, color_of(options)),
            .descriptor = STDERR_FILENO};
}

time_window window_of(const parsed_options& options) {
    time_window out;
    out.since_ns = moment_of(options, "since").value_or(out.since_ns);
    out.until_ns = moment_of(options, "until").value_or(out.until_ns);
    if (out.since_ns > out.until_ns) throw usage_error("--until is before --since: no flow lies between them");
    return out;
}

std::string kube_namespace_of(const parsed_options& options, std::string hubble) {
    std::string out = options.has("kube-namespace") ? options.text("kube-namespace") : std::move(hubble);
    const char* const cilium = std::getenv("CILIUM_NAMESPACE");
    if (out.empty() && cilium) out = cilium;
    if (out.empty()) out = options.text("kube-namespace");
    if (!is_dns_label(out)) throw usage_error(json_quote(out) + " in --kube-namespace is no name of a namespace");
    return out;
}

cluster_flags cluster_flags_of(const parsed_options& options) {
    return {.kubeconfig = options.text("kubeconfig"),
            .context = options.has("kube-context") ? options.text("kube-context") : options.text("context"),
            .kube_namespace = kube_namespace_of(options, {}),
            .as = options.text("as"),
            .as_groups = options.list("as-group"),
            .user_agent = std::string("cpg/") + version};
}

const std::vector<std::string>& captures_of(const parsed_options& options) {
    if (options.arguments.empty() && !options.has("loki"))
        throw usage_error("replay takes one argument or more, FILE|FOLDER|-...");
    return options.arguments;
}

session_settings session_settings_of(const parsed_options& options, logger& log) {
    session_settings out;
    out.gates = gate_settings_of(options, log);
    out.shape = rule_shape_of(options);
    out.least_l7_flows = count_of(options, "l7-min-flows");
    out.select_by = select_by_of(options);
    out.writer = writer_settings_of(options, log);
    out.diff = std::make_shared<std::string>();
    out.writer.show = [diff = out.diff](std::string_view text) { *diff += text; };
    if (options.has("partial")) {
        // Whoever adds parts up has the folder.
        out.samples = options.is_on("no-evidence") ? 0 : count_of(options, "evidence-samples");
    } else {
        out.evidence = evidence_settings_of(options, out.writer.output_dir, log);
        out.samples = out.evidence && !out.writer.dry_run ? out.evidence->limits.samples : 0;
    }
    out.by_cluster = options.is_on("by-cluster");
    if (options.has("flush-interval")) out.flush_interval = duration_of(options, "flush-interval");
    if (options.is_on("verify")) out.survey = survey::beside;
    if (out.gates.forwarded)
        log.warn(
            "--include-forwarded: the policies will allow whatever connects now, wanted or not: review them, and "
            "turn a default deny on only when all that must work was seen");
    const bool tells = options.is_on("quiet") || level_of(options) <= log_level::info;
    out.status_line = can_rewrite_lines(STDERR_FILENO) && !options.is_on("json") && tells;
    out.ends_process = true;
    return out;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/manual.hpp"

#include <array>

#include "base/text.hpp"
#include "cli/version.hpp"

namespace cpg {

namespace {

constexpr std::uint16_t sessions = in_generate | in_replay;
constexpr std::uint16_t of_cluster = sessions | in_bootstrap;

struct item {
    std::string_view term;
    std::uint16_t scope;
    std::string_view text;
};

constexpr auto files = std::to_array<item>({
    {"DIR/NAMESPACE/WORKLOAD.yaml", sessions | in_explain,
     "A policy; DIR is that of --output-dir, ./policies by default."},
    {"~/.cache/cpg/evidence/HASH/NAMESPACE/WORKLOAD.json", sessions | in_explain,
     "What made each rule of a policy. HASH stands for the output directory; --evidence-dir names another place."},
    {"~/.cache/cpg/evidence/HASH/cluster-health.json", sessions,
     "The drops of the last session that no policy mends, where there were any."},
    {"~/.kube/config", of_cluster, "The kubeconfig, unless KUBECONFIG or --kubeconfig names another."},
    {"~/.config/hubble/config.yaml, ~/.hubble/config.yaml", in_generate,
     "The configuration of the hubble CLI; what it says of the server and of TLS holds here too."},
});

constexpr auto environment = std::to_array<item>({
    {"KUBECONFIG", of_cluster, "Kubeconfig files, with colons between them."},
    {"CILIUM_NAMESPACE", in_generate | in_bootstrap, "Where Cilium and its Hubble Relay run."},
    {"LOKI_BEARER_TOKEN, LOKI_BEARER_TOKEN_FILE, LOKI_USERNAME, LOKI_PASSWORD, LOKI_ORG_ID", in_replay,
     "Credentials and tenant for --loki, as logcli names them."},
    {"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", of_cluster, "Proxies on the way to the API server, and what needs none."},
    {"XDG_CACHE_HOME", sessions | in_explain, "The user's cache directory, ~/.cache by default."},
    {"NO_COLOR, TERM", in_all, "No colors where NO_COLOR is set or TERM is dumb, unless --color says so."},
});

constexpr auto statuses = std::to_array<item>({
    {"0", in_all, "Success, also when infra drops were seen."},
    {"1", sessions, "An infra drop was seen, with --fail-on-infra-drops."},
    {"2", in_all, "The command line is wrong; nothing was read, written or connected."},
    {"3", in_all, "A fatal error, which the last lines of standard error tell."},
});

// What roff would take for its own, and what it would print as another character.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text)
        switch (c) {
            case '\\': out += "\\e"; break;
            case '-': out += "\\-"; break;
            case '\'': out += "\\(aq"; break;
            case '`': out += "\\(ga"; break;
            case '^': out += "\\(ha"; break;
            case '~': out += "\\(ti"; break;
            default: out += c;
        }
    return out;
}

// Running text in lines that a terminal shows whole, none of which begins with what makes it a request.
std::string filled(const std::string& text) {
    constexpr std::size_t width = 78;
    std::string out;
    for (const std::string& line : wrapped(text, width))
        out += (line.starts_with('.') ? "\\&" : "") + line + "\n";
    return out;
}

std::string bold(std::string_view text) {
    return "\\fB" + roff(text) + "\\fR";
}

std::string slanted(std::string_view text) {
    return "\\fI" + roff(text) + "\\fR";
}

std::string section(std::string_view title) {
    return ".SH " + std::string(title) + "\n";
}

// A term and what it means.
std::string tagged(const std::string& term, std::string_view text) {
    return ".TP\n" + term + "\n" + filled(roff(text));
}

std::string items(std::string_view title, std::span<const item> table, std::uint16_t scope) {
    std::string out;
    for (const item& each : table)
        if (each.scope & scope) out += tagged(bold(each.term), each.text);
    return out.empty() ? "" : section(title) + out;
}

// Those that the table has for its options are hubble's, which generate alone reads.
std::string environment_section(std::uint16_t scope) {
    std::string names;
    for (const option_spec& spec : option_table())
        if (!spec.means.environment.empty()) names += (names.empty() ? "" : ", ") + std::string(spec.means.environment);
    std::string out = items("ENVIRONMENT", environment, scope);
    if (scope & in_generate) out += tagged(bold(names), "What the hubble CLI takes from them; flags win.");
    return out;
}

std::string option_entry(const option_spec& spec) {
    std::string term = spec.short_name ? bold(std::string{'-', spec.short_name}) + ", " : "";
    term += bold("--" + std::string(spec.name));
    if (!spec.value_name.empty()) term += " " + slanted(spec.value_name);
    std::string text(spec.help);
    if (!spec.default_text.empty()) text += " (default: " + std::string(spec.default_text) + ")";
    return tagged(term, text);
}

std::string options_section(std::uint16_t scope) {
    std::string out = section("OPTIONS");
    for (int group = 0; group <= static_cast<int>(option_group::global); ++group) {
        std::string entries;
        for (const option_spec& spec : option_table())
            if ((spec.scope & scope) && static_cast<int>(spec.group) == group) entries += option_entry(spec);
        if (!entries.empty()) out += ".SS " + std::string(to_string(static_cast<option_group>(group))) + "\n" + entries;
    }
    return out;
}

std::string synopsis(const command_spec& command) {
    std::string out = bold("cpg " + std::string(command.name)) + " [" + slanted("flags") + "]";
    if (!command.arguments.empty()) out += " " + slanted(command.arguments);
    return out + "\n";
}

std::string examples(std::string_view lines) {
    std::string out;
    for (const std::string_view line : split(lines, '\n'))
        if (!line.empty()) out += roff(with_program(line, "cpg")) + "\n";
    return out;
}

std::string examples_section(const std::string& lines) {
    return lines.empty() ? "" : section("EXAMPLES") + ".nf\n" + lines + ".fi\n";
}

std::string see_also(const command_spec* than) {
    std::string out = than ? bold("cpg") + "(1)" : "";
    for (const command_spec& each : command_table())
        if (&each != than && !each.examples.empty())
            out += (out.empty() ? "" : ",\n") + bold("cpg-" + std::string(each.name)) + "(1)";
    return section("SEE ALSO") + out + ",\n" + bold("kubectl") + "(1)\n";
}

std::string head(const std::string& name, std::string_view version, std::string_view summary) {
    return ".TH " + upper(name) + " 1 " + version_date + " \"cpg " + std::string(version) + "\" \"User Commands\"\n" +
           section("NAME") + filled(roff(name) + " \\- " + roff(summary)) + section("SYNOPSIS");
}

std::string program_page(std::string_view version) {
    std::string out = head("cpg", version, "turn the flows that Cilium drops into CiliumNetworkPolicies");
    std::string commands, lines;
    for (const command_spec& command : command_table()) {
        out += (&command == command_table().data() ? "" : ".br\n") + synopsis(command);
        commands += tagged(bold(command.name), std::string(command.summary) + ".");
        if (!command.examples.empty()) lines += examples(split(command.examples, '\n').front());
    }
    out += section("DESCRIPTION") +
           filled(roff(
               "In a cluster where Cilium denies by default, cpg watches the flows that are dropped, adds them up by "
               "workload, and writes the CiliumNetworkPolicies that would allow exactly them, merged into the files "
               "that are there. It writes files for review and never applies anything.")) +
           section("COMMANDS") + commands + options_section(in_help);
    return out + items("FILES", files, in_all) + environment_section(in_all) + items("EXIT STATUS", statuses, in_all) +
           examples_section(lines) + see_also(nullptr);
}

std::string command_page(std::string_view version, const command_spec& command) {
    return head("cpg-" + std::string(command.name), version, command.summary) + synopsis(command) +
           section("DESCRIPTION") + filled(roff(command.summary) + ".") + options_section(command.scope) +
           items("FILES", files, command.scope) + environment_section(command.scope) +
           items("EXIT STATUS", statuses, command.scope) + examples_section(examples(command.examples)) +
           see_also(&command);
}

}  // namespace

std::string manual_page(std::string_view version, const command_spec* command) {
    return command ? command_page(version, *command) : program_page(version);
}

}  // namespace cpg

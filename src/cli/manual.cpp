// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/manual.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t help_column = 34;

std::string with_program(std::string_view text, std::string_view program) {
    std::string out;
    for (const char c : text)
        c == '@' ? out += program : out += c;
    return out;
}

std::string indented(std::string_view lines) {
    std::string out;
    for (const std::string_view line : split(lines, '\n'))
        if (!line.empty()) out += "  " + std::string(line) + "\n";
    return out;
}

std::string option_line(const option_spec& spec) {
    std::string out = spec.short_name ? std::string("  -") + spec.short_name + ", " : "      ";
    out += "--" + std::string(spec.name);
    if (!spec.value_name.empty()) out += " " + std::string(spec.value_name);
    out += std::string(out.size() < help_column - 1 ? help_column - out.size() : 2, ' ') + std::string(spec.help);
    if (!spec.default_text.empty()) out += " (" + std::string(spec.default_text) + ")";
    return out + "\n";
}

std::string options_help(std::uint8_t scope) {
    std::string out;
    for (int group = 0; group <= static_cast<int>(option_group::global); ++group) {
        std::string lines;
        for (const option_spec& spec : option_table())
            if ((spec.scope & scope) && static_cast<int>(spec.group) == group) lines += option_line(spec);
        if (!lines.empty()) out += "\n" + std::string(to_string(static_cast<option_group>(group))) + ":\n" + lines;
    }
    return out;
}

std::string command_help(std::string_view program, const command_spec& command) {
    std::string out =
        std::string(command.summary) + "\n\nUsage:\n  " + std::string(program) + " " + std::string(command.name);
    if (!command.arguments.empty()) out += " " + std::string(command.arguments);
    return out + " [flags]\n\nExamples:\n" + indented(with_program(command.examples, program)) +
           options_help(command.scope);
}

std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '-') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

std::string help_text(std::string_view program, const command_spec* command) {
    if (command) return command_help(program, *command);
    std::string out =
        "Cilium Policy Generator: turns the flows that Cilium drops into the CiliumNetworkPolicies that would allow "
        "them.\nIt writes files for review and never applies anything.\n\nUsage:\n  " +
        std::string(program) + " COMMAND [flags]\n\nCommands:\n";
    for (const command_spec& each : command_table()) {
        std::string name(each.name);
        name.resize(12, ' ');
        out += "  " + name + std::string(each.summary) + "\n";
    }
    out += "\nExamples:\n";
    for (const command_spec& each : command_table())
        out += indented(with_program(split(each.examples, '\n').front(), program));
    out += "\nGlobal:\n";
    for (const option_spec& spec : option_table())
        if (spec.group == option_group::global) out += option_line(spec);
    return out + "\nUse '" + std::string(program) + " COMMAND --help' for the flags of a command.\n";
}

std::string manual_page(std::string_view program, std::string_view version) {
    std::string out = ".TH CPG 1 \"\" \"cpg " + std::string(version) + "\" \"User Commands\"\n.SH NAME\n" +
                      roff("cpg - turns the flows that Cilium drops into CiliumNetworkPolicies") + "\n.SH SYNOPSIS\n";
    for (const command_spec& command : command_table())
        out += ".B " + roff(program) + " " + std::string(command.name) + "\n" + std::string(command.arguments) +
               " [flags]\n.br\n";
    out += ".SH COMMANDS\n";
    for (const command_spec& command : command_table())
        out += ".TP\n.B " + std::string(command.name) + "\n" + roff(command.summary) + "\n";
    out += ".SH OPTIONS\n";
    for (const option_spec& spec : option_table()) {
        out += ".TP\n.B " + roff("--" + std::string(spec.name)) + "\n" + roff(spec.help);
        if (!spec.default_text.empty()) out += " (default " + roff(spec.default_text) + ")";
        out += "\n";
    }
    out += ".SH EXIT STATUS\n.TP\n0\nSuccess.\n.TP\n1\nAn infra drop was seen, with " + roff("--fail-on-infra-drops") +
           ".\n.TP\n2\nThe command line is wrong.\n.TP\n3\nA fatal error.\n.SH EXAMPLES\n.nf\n";
    for (const command_spec& command : command_table())
        out += roff(with_program(command.examples, program));
    return out + ".fi\n";
}

}  // namespace cpg

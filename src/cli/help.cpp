// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "cli/manual.hpp"

namespace cpg {

namespace {

constexpr std::size_t help_column = 34;
constexpr std::size_t name_column = 14;
constexpr std::size_t least_help = 30;  ///< columns; with less beside the flags, what they do stands below them

std::string indented(std::string_view lines) {
    std::string out;
    for (const std::string_view line : split(lines, '\n'))
        if (!line.empty()) out += "  " + std::string(line) + "\n";
    return out;
}

std::string paragraph(std::string_view text, std::size_t width) {
    return join(wrapped(text, width), "\n") + "\n";
}

// `text` in lines that begin at `column`, behind `begin`, or below it where that is too long or the room too narrow.
std::string in_column(std::string begin, std::string_view text, std::size_t column, std::size_t width) {
    if (width < column + least_help) column = 8;
    const std::vector<std::string> lines = wrapped(text, std::max(width, column + least_help) - column);
    std::string out;
    for (const std::string& line : lines) {
        if (begin.size() + 2 > column) out += std::exchange(begin, {}) + "\n";
        begin.resize(column, ' ');
        out += std::exchange(begin, {}) + line + "\n";
    }
    return out;
}

std::string option_help(const option_spec& spec, std::size_t width) {
    std::string begin = spec.short_name ? std::string("  -") + spec.short_name + ", " : "      ";
    begin += "--" + std::string(spec.name);
    if (!spec.value_name.empty()) begin += " " + std::string(spec.value_name);
    std::string text(spec.help);
    if (!spec.default_text.empty()) text += " (" + std::string(spec.default_text) + ")";
    return in_column(begin, text, help_column, width);
}

std::string group_help(option_group group, std::uint16_t scope, std::size_t width) {
    std::string lines;
    for (const option_spec& spec : option_table())
        if ((spec.scope & scope) && spec.group == group) lines += option_help(spec, width);
    return lines.empty() ? "" : "\n" + std::string(to_string(group)) + ":\n" + lines;
}

std::string command_help(std::string_view program, const command_spec& command, std::size_t width) {
    std::string out =
        paragraph(command.summary, width) + "\nUsage:\n  " + std::string(program) + " " + std::string(command.name);
    if (!command.arguments.empty()) out += " " + std::string(command.arguments);
    out += " [flags]\n";
    if (!command.examples.empty()) out += "\nExamples:\n" + indented(with_program(command.examples, program));
    for (int group = 0; group <= static_cast<int>(option_group::global); ++group)
        out += group_help(static_cast<option_group>(group), command.scope, width);
    return out;
}

std::string program_help(std::string_view program, std::size_t width) {
    const std::string name(program);
    std::string out = paragraph(
        "Cilium Policy Generator: turns the flows that Cilium drops into the CiliumNetworkPolicies that would allow "
        "them. It writes files for review and never applies anything.",
        width);
    out += "\nUsage:\n  " + name + " COMMAND [flags]\n\nCommands:\n";
    for (const command_spec& each : command_table())
        out += in_column("  " + std::string(each.name), each.summary, name_column, width);
    out += "\nExamples:\n";
    for (const command_spec& each : command_table())
        if (!each.examples.empty()) out += indented(with_program(split(each.examples, '\n').front(), program));
    return out + group_help(option_group::global, in_help, width) + "\n" +
           paragraph("Use '" + name + " COMMAND --help' for the flags of a command.", width);
}

}  // namespace

std::string with_program(std::string_view text, std::string_view program) {
    std::string out;
    for (const char c : text)
        c == '@' ? out += program : out += c;
    return out;
}

std::string help_text(std::string_view program, const command_spec* command, std::size_t width) {
    return command ? command_help(program, *command, width) : program_help(program, width);
}

}  // namespace cpg

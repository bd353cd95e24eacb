// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>

#include "base/error.hpp"
#include "base/print.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "classify/drop_class.hpp"
#include "cli/check_options.hpp"
#include "cli/commands.hpp"
#include "cli/complete.hpp"
#include "cli/manual.hpp"
#include "cli/session_flags.hpp"
#include "cli/unknown_flag.hpp"
#include "cli/version.hpp"

namespace cpg {

namespace {

constexpr std::string_view plugin_prefix = "kubectl-";
constexpr std::string_view completing_prefix = "kubectl_complete-";
constexpr std::string_view completing_command = "__complete";

// Columns of help, where the terminal does not say or is so wide that lines would be hard to read.
constexpr std::size_t usual_width = 80;
constexpr std::size_t widest = 120;

std::string file_name(const char* argv0) {
    return std::filesystem::path(argv0 ? argv0 : "cpg").filename().string();
}

// kubectl finds plugins by their file name: kubectl-cilium_policy_gen is typed as `kubectl cilium-policy-gen`.
std::string program_name(const std::string& file) {
    if (!file.starts_with(plugin_prefix)) return "cpg";
    std::string out = "kubectl " + file.substr(plugin_prefix.size());
    for (char& c : out)
        if (c == '_') c = '-';
    return out;
}

// Of the file for which a shell completes. What stands behind `kubectl` is kubectl's to complete: it asks.
std::string completed_file(const std::string& file) {
    return file.starts_with(plugin_prefix) ? file : "cpg";
}

void check_argument_count(const parsed_options& options) {
    const command_spec& command = *options.command;
    const std::size_t count = options.arguments.size();
    if (count >= command.least_arguments && count <= command.most_arguments) return;
    const std::string wanted = command.most_arguments == 0
                                   ? "no arguments"
                                   : (command.least_arguments == 0           ? "at most one argument, "
                                      : command.most_arguments == any_number ? "one argument or more, "
                                                                             : "one argument, ") +
                                         std::string(command.arguments);
    throw usage_error(std::string(command.name) + " takes " + wanted + ", not " + std::to_string(count));
}

std::string version_text() {
    constexpr std::string_view cilium = "cilium";
    std::string api(classifier_version.substr(classifier_version.find(cilium) + cilium.size()));
    api.resize(std::min(api.rfind('.'), api.size()));
    return "cpg " + std::string(version) + " (" + commit + ", Cilium API " + api + ", gRPC " + grpc_version + ")\n";
}

std::string help_for(const std::string& program, const command_spec* command) {
    return help_text(program, command, std::min(terminal_columns(STDOUT_FILENO).value_or(usual_width), widest));
}

const command_spec& topic_of(const parsed_options& options) {
    if (const command_spec* const command = command_named(options.arguments[0])) return *command;
    throw usage_error(unknown_command(options.arguments[0]) + help_hint(options.program, nullptr));
}

// What a flag asks for; nothing where there is work to do.
std::optional<std::string> information(const parsed_options& options) {
    if (options.is_on("help")) return help_for(options.program, options.command);
    if (options.is_on("version")) return version_text();
    if (options.is_on("print-manual")) return manual_page(version, options.command);
    return std::nullopt;
}

exit_status run_with_log(const parsed_options& options) {
    logger log(log_settings_of(options));
    try {
        const exit_status status = options.command->run(options, log);
        check_printed();
        return status;
    } catch (const fatal_error& error) {
        log.error(error.what());
        return exit_status::fatal;
    }
}

exit_status show(const std::string& text) {
    print(text);
    check_printed();
    return exit_status::success;
}

exit_status run_parsed(const parsed_options& options) {
    if (const auto text = information(options)) return show(*text);
    if (!options.command) throw usage_error("no command given");
    check_argument_count(options);
    check_options(options);
    return run_with_log(options);
}

exit_status run(const std::vector<std::string>& words, const std::string& file) {
    const std::string program = program_name(file);
    if (words.empty()) return show(help_for(program, nullptr));
    parsed_options options = parse_options(words, program);
    options.file = file;
    try {
        return run_parsed(options);
    } catch (const usage_error& error) {
        const std::string problem = error.what();
        const bool says_where = problem.find("--help'") != std::string::npos;
        throw usage_error(says_where ? problem : problem + help_hint(program, options.command));
    }
}

exit_status run_or_complete(std::vector<std::string> words, const std::string& file) {
    const bool asked = !words.empty() && words[0] == completing_command;
    if (!asked && !file.starts_with(completing_prefix)) return run(words, file);
    if (asked) words.erase(words.begin());
    return show(completions_text(complete(words)));
}

}  // namespace

exit_status run_help(const parsed_options& options, logger&) {
    print(help_for(options.program, options.arguments.empty() ? nullptr : &topic_of(options)));
    return exit_status::success;
}

exit_status run_version(const parsed_options&, logger&) {
    print(version_text());
    return exit_status::success;
}

exit_status run_completion(const parsed_options& options, logger&) {
    print(completion_script(completed_file(options.file), options.arguments[0]));
    return exit_status::success;
}

int run_cpg(int argc, const char* const* argv) {
    // A reader that went away, and a file that may not grow, show as a failed write.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    reserve_standard_descriptors();
    const std::string file = file_name(argc > 0 ? argv[0] : nullptr);
    try {
        return static_cast<int>(run_or_complete({argv + std::min(argc, 1), argv + argc}, file));
    } catch (const usage_error& error) {
        std::cerr << program_name(file) << ": " << printable(error.what()) << "\n";
        return static_cast<int>(exit_status::usage);
    } catch (const std::exception& error) {
        std::cerr << program_name(file) << ": " << printable(error.what()) << "\n";
        return static_cast<int>(exit_status::fatal);
    }
}

}  // namespace cpg

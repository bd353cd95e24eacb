// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "base/error.hpp"
#include "base/print.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/session_flags.hpp"
#include "cli/version.hpp"

namespace cpg {

namespace {

// kubectl finds plugins by their file name: kubectl-cilium_policy_gen is typed as `kubectl cilium-policy-gen`.
std::string program_name(const char* argv0) {
    const std::string file = std::filesystem::path(argv0 ? argv0 : "cpg").filename().string();
    constexpr std::string_view plugin = "kubectl-";
    if (!file.starts_with(plugin)) return "cpg";
    std::string out = "kubectl " + file.substr(plugin.size());
    for (char& c : out)
        if (c == '_') c = '-';
    return out;
}

void check_argument_count(const parsed_options& options, const std::string& program) {
    const command_spec& command = *options.command;
    const std::size_t count = options.arguments.size();
    if (count >= command.least_arguments && count <= command.most_arguments) return;
    const std::string wanted = command.most_arguments == 0
                                   ? "no arguments"
                                   : (command.least_arguments == 0           ? "at most one argument, "
                                      : command.most_arguments == any_number ? "one argument or more, "
                                                                             : "one argument, ") +
                                         std::string(command.arguments);
    throw usage_error(std::string(command.name) + " takes " + wanted + ", not " + std::to_string(count) + "; see '" +
                      program + " " + std::string(command.name) + " --help'");
}

bool print_information(const parsed_options& options, const std::string& program) {
    if (options.has("help"))
        print(help_text(program, options.command));
    else if (options.has("version"))
        print("cpg " + std::string(version) + "\n");
    else if (options.has("print-manual"))
        print(manual_page(program, version));
    else if (options.has("print-completion"))
        print(completion_script(program, options.text("print-completion")));
    else
        return false;
    check_printed();
    return true;
}

exit_status run_command(const parsed_options& options, const std::string& program, logger& log) {
    check_argument_count(options, program);
    if (options.command->scope == in_generate) return run_generate(options, log);
    if (options.command->scope == in_replay) return run_replay(options, log);
    if (options.command->scope == in_verify) return run_verify(options, log);
    if (options.command->scope == in_bootstrap) return run_bootstrap(options, log);
    return run_explain(options, program, log);
}

exit_status run(const std::vector<std::string>& words, const std::string& program) {
    const parsed_options options = parse_options(words, program);
    if (print_information(options, program)) return exit_status::success;
    if (!options.command) throw usage_error("no command given; see '" + program + " --help'");
    logger log(log_settings_of(options));
    try {
        const exit_status status = run_command(options, program, log);
        check_printed();
        return status;
    } catch (const fatal_error& error) {
        log.error(error.what());
        return exit_status::fatal;
    }
}

}  // namespace

int run_cpg(int argc, const char* const* argv) {
    // A reader that went away, and a file that may not grow, show as a failed write.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    reserve_standard_descriptors();
    const std::string program = program_name(argc > 0 ? argv[0] : nullptr);
    try {
        return static_cast<int>(run({argv + std::min(argc, 1), argv + argc}, program));
    } catch (const usage_error& error) {
        const std::string problem = printable(error.what());
        const bool says_where = problem.find("--help'") != std::string::npos;
        std::cerr << program << ": " << problem << (says_where ? "" : "; see '" + program + " --help'") << "\n";
        return static_cast<int>(exit_status::usage);
    } catch (const std::exception& error) {
        std::cerr << program << ": " << printable(error.what()) << "\n";
        return static_cast<int>(exit_status::fatal);
    }
}

}  // namespace cpg

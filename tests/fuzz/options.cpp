// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A command line, a word a line, through the table of options and the flags of all commands. Nothing is read or
// written.

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/check_options.hpp"
#include "cli/commands.hpp"
#include "cli/explain_flags.hpp"
#include "cli/session_flags.hpp"
#include "cli/verify_flags.hpp"
#include "fuzz/check.hpp"

namespace cpg {

// Stand in for what the commands do.
exit_status run_generate(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_replay(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_combine(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_verify(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_bootstrap(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_explain(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_completion(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_help(const parsed_options&, logger&) {
    return exit_status::success;
}
exit_status run_version(const parsed_options&, logger&) {
    return exit_status::success;
}

// And for what reads policies: only a session asks.
std::string newly_allowed(const std::string&, std::string_view, std::string_view) {
    return {};
}

}  // namespace cpg

namespace {

using namespace cpg;

void read_flags(const parsed_options& options, logger& log) {
    if (options.command->scope == in_explain) {
        filter_of(options);
        format_of(options);
        query_of(options);
        return;
    }
    if (options.command->scope == in_verify) {
        verify_query_of(options);
        survey_settings_of(options);
        return;
    }
    const session_settings settings = session_settings_of(options, log);
    fuzz::require(settings.flush_interval.value_or(usual_flush_interval).count() > 0, "a flush interval is a time");
    for (const auto& keys : settings.select_by)
        fuzz::require(!keys.empty(), "an entry of --select-by has keys");
    cluster_flags_of(options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> words;
    for (const std::string_view word : split(fuzz::text_of(data, size), '\n'))
        words.emplace_back(word.substr(0, word.find('\0')));
    logger log({.level = static_cast<log_level>(9)});
    try {
        const parsed_options options = parse_options(words, "cpg");
        fuzz::require(!options.command || (options.command->scope & in_all) != 0, "a command is one of the table");
        // The number of arguments is looked at before any flag, and what the table says of a flag before what it means.
        if (!options.command || options.arguments.size() < options.command->least_arguments) return 0;
        check_options(options);
        log_settings_of(options);
        read_flags(options, log);
    } catch (const usage_error& error) {
        fuzz::require(error.what()[0] != '\0', "an error says something");
    }
    return 0;
}

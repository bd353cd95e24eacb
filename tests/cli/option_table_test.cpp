// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The one table and what is printed from it.

#include <boost/test/unit_test.hpp>
#include <regex>
#include <set>

#include "base/error.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"

namespace cpg {

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// roff writes a dash that is to be copied as `\-`.
std::string without_backslashes(std::string text) {
    std::erase(text, '\\');
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(option_table_suite)

BOOST_AUTO_TEST_CASE(names_are_unique_and_in_kebab_case) {
    std::set<std::string_view> names;
    std::set<char> short_names;
    for (const option_spec& spec : option_table()) {
        BOOST_TEST(names.insert(spec.name).second, spec.name);
        BOOST_TEST(std::regex_match(std::string(spec.name), std::regex("[a-z][a-z0-9]*(-[a-z0-9]+)*")), spec.name);
        if (spec.short_name) BOOST_TEST(short_names.insert(spec.short_name).second, spec.name);
        BOOST_TEST(spec.scope != 0, spec.name);
        BOOST_TEST(!spec.help.empty(), spec.name);
        if (spec.value_name.empty()) BOOST_TEST(spec.default_text.empty(), spec.name);
    }
}

BOOST_AUTO_TEST_CASE(every_option_stands_in_the_help_of_its_commands_and_in_no_other) {
    for (const command_spec& command : command_table()) {
        const std::string help = help_text("cpg", &command);
        for (const option_spec& spec : option_table()) {
            const std::regex own("(^|[ ,])--" + std::string(spec.name) + "([ =]|$)", std::regex::multiline);
            const std::string options = help.substr(help.find("Examples:"));
            const std::string below = options.substr(options.find("\n\n"));
            if (spec.scope & command.scope)
                BOOST_TEST(std::regex_search(below, own), command.name << " --" << spec.name);
            if (spec.short_name && (spec.scope & command.scope))
                BOOST_TEST(has(below, std::string("  -") + spec.short_name + ", --" + std::string(spec.name)));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_option_stands_in_the_manual_and_in_the_completions_of_every_shell) {
    const std::string manual = without_backslashes(manual_page("cpg", "1.0"));
    for (const option_spec& spec : option_table()) {
        BOOST_TEST(has(manual, "--" + std::string(spec.name)), spec.name);
        for (const char* shell : {"bash", "zsh"})
            BOOST_TEST(has(completion_script("cpg", shell), "--" + std::string(spec.name)), spec.name);
        BOOST_TEST(has(completion_script("cpg", "fish"), " -l " + std::string(spec.name) + " "), spec.name);
    }
    BOOST_CHECK_THROW(completion_script("cpg", "tcsh"), usage_error);
}

BOOST_AUTO_TEST_CASE(every_command_stands_in_help_manual_and_completions) {
    for (const command_spec& command : command_table()) {
        const std::string name(command.name);
        BOOST_TEST(has(help_text("cpg", nullptr), name));
        BOOST_TEST(has(manual_page("cpg", "1.0"), name));
        for (const char* shell : {"bash", "zsh", "fish"})
            BOOST_TEST(has(completion_script("cpg", shell), name));
    }
}

BOOST_AUTO_TEST_CASE(help_names_the_program_as_it_was_started) {
    for (const command_spec& command : command_table()) {
        const std::string help = help_text("kubectl cilium-policy-gen", &command);
        BOOST_TEST(has(help, "kubectl cilium-policy-gen " + std::string(command.name)));
        BOOST_TEST(!has(help, "@"));
        BOOST_TEST(!std::regex_search(help, std::regex("(^|[ |])cpg ")));
    }
}

BOOST_AUTO_TEST_CASE(help_fits_a_wide_terminal) {
    for (const command_spec& command : command_table()) {
        const std::string help = help_text("cpg", &command);
        for (std::size_t at = 0; at < help.size();) {
            const std::size_t end = std::min(help.find('\n', at), help.size());
            BOOST_TEST(end - at <= 150u, help.substr(at, end - at));
            at = end + 1;
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

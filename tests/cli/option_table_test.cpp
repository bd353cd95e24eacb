// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The one table and what is printed from it.

#include <boost/test/unit_test.hpp>
#include <regex>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/check_options.hpp"
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

BOOST_AUTO_TEST_CASE(every_option_stands_in_help_and_manual_of_its_commands_and_in_no_other) {
    for (const command_spec& command : command_table()) {
        const std::string help = help_text("cpg", &command, 100);
        const std::string manual = without_backslashes(manual_page("1.0", &command));
        for (const option_spec& spec : option_table()) {
            const std::string name(spec.name);
            const bool is_own = spec.scope & command.scope;
            BOOST_TEST(std::regex_search(help, std::regex("(^|\n)  (    |-., )--" + name + "[ \n]")) == is_own,
                       command.name << " --" << name);
            BOOST_TEST(std::regex_search(manual, std::regex("\n(fB-.fR, )?fB--" + name + "fR[ \n]")) == is_own,
                       command.name << " --" << name);
            if (spec.short_name && is_own)
                BOOST_TEST(has(help, std::string("\n  -") + spec.short_name + ", --" + name), name);
        }
    }
}

BOOST_AUTO_TEST_CASE(completions_are_for_three_shells_and_never_for_kubectl) {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const std::string script = completion_script("kubectl-cilium_policy_gen", shell);
        BOOST_TEST(has(script, "kubectl-cilium_policy_gen"), shell);
        BOOST_TEST(!std::regex_search(script, std::regex("(complete|compdef).* kubectl($|\\s)")), shell);
        BOOST_TEST(!has(completion_script("cpg", shell), "FILE"));
    }
    BOOST_CHECK_THROW(completion_script("cpg", "tcsh"), usage_error);
}

BOOST_AUTO_TEST_CASE(every_command_stands_in_help_and_manual) {
    for (const command_spec& command : command_table()) {
        const std::string name(command.name);
        BOOST_TEST(has(help_text("cpg", nullptr, 80), "\n  " + name + " "));
        BOOST_TEST(has(manual_page("1.0", nullptr), "fB" + name));
    }
}

BOOST_AUTO_TEST_CASE(help_names_the_program_as_it_was_started) {
    for (const command_spec& command : command_table()) {
        const std::string help = help_text("kubectl cilium-policy-gen", &command, 100);
        BOOST_TEST(has(help, "kubectl cilium-policy-gen " + std::string(command.name)));
        BOOST_TEST(!has(help, "@"));
        BOOST_TEST(!std::regex_search(help, std::regex("(^|[ |])cpg ")));
    }
}

// What stands under Usage and Examples is there to be copied, and a flag and its value are not parted.
BOOST_AUTO_TEST_CASE(help_is_wrapped_to_the_terminal) {
    for (const std::size_t width : {50u, 80u, 100u, 120u})
        for (const command_spec& command : command_table()) {
            const std::string help = help_text("cpg", &command, width);
            std::string heading;
            for (const std::string_view line : split(help, '\n')) {
                if (line.ends_with(':')) heading = line;
                if (heading == "Usage:" || heading == "Examples:" || line.starts_with("      --")) continue;
                BOOST_TEST(line.size() <= width, line);
            }
        }
}

BOOST_AUTO_TEST_CASE(values_that_are_all_there_are_stand_in_the_table) {
    for (const option_spec& spec : option_table())
        if (has(std::string(spec.value_name), "|"))
            BOOST_TEST(has("|" + std::string(spec.value_name) + "|", "|" + std::string(spec.default_text) + "|"),
                       spec.name);
}

// A default is what the row itself would take, and is given where it stands.
BOOST_AUTO_TEST_CASE(defaults_are_values_of_their_rows) {
    for (const option_spec& spec : option_table()) {
        if (spec.default_text.empty()) continue;
        const auto of_scope = [&](const command_spec& command) { return (command.scope & spec.scope) != 0; };
        for (const command_spec& command : command_table()) {
            if (!of_scope(command)) continue;
            parsed_options options = parse_options(
                {std::string(command.name), "--" + std::string(spec.name), std::string(spec.default_text)}, "cpg");
            try {
                check_options(options);
            } catch (const usage_error& error) {
                BOOST_TEST(has(error.what(), " goes with "), error.what());
            }
        }
    }
}

// What a row says of another is of use: they meet in a command.
BOOST_AUTO_TEST_CASE(options_that_bear_on_each_other_have_a_command_in_common) {
    for (const option_spec& spec : option_table()) {
        std::vector<related_option> others(spec.means.excludes.begin(), spec.means.excludes.end());
        others.push_back(spec.means.goes_with);
        for (const related_option& other : others) {
            if (other.name.empty()) continue;
            const option_spec& with = *option_of("--" + std::string(other.name));
            BOOST_TEST((spec.scope & with.scope & other.scope) != 0, spec.name << " and " << with.name);
        }
    }
}

BOOST_AUTO_TEST_CASE(variables_are_named_once_and_stand_in_the_manual) {
    std::set<std::string_view> names;
    const std::string manual = without_backslashes(manual_page("1.0", command_named("generate")));
    for (const option_spec& spec : option_table()) {
        if (spec.means.environment.empty()) continue;
        BOOST_TEST(names.insert(spec.means.environment).second, spec.name);
        BOOST_TEST(has(manual, std::string(spec.means.environment)), spec.name);
    }
    BOOST_TEST(names.size() > 5u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg

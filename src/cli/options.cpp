// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/options.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <iterator>

#include "base/error.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

namespace po = boost::program_options;

const option_spec& spec_of(std::string_view name) {
    const auto table = option_table();
    return *std::ranges::find(table, name, &option_spec::name);
}

// Ends the name of a switch that is given with a value; nobody writes a flag that ends so.
constexpr const char* valued = "\x01";

bool is_true(std::string_view name, const std::string& value) {
    if (value == "true") return true;
    if (value == "false") return false;
    throw usage_error("flag --" + std::string(name) + " is true or false, not " + json_quote(value));
}

po::options_description description() {
    po::options_description out;
    for (const option_spec& spec : option_table()) {
        std::string name(spec.name);
        if (spec.short_name) name += std::string(",") + spec.short_name;
        if (spec.value_name.empty())
            out.add_options()(name.c_str(), "")((std::string(spec.name) + valued).c_str(), po::value<std::string>(),
                                                "");
        else
            out.add_options()(name.c_str(), po::value<std::string>(), "");
    }
    return out;
}

// Every option that is spelled as the prefix of its name must be spelled out: scripts outlive today's table.
constexpr int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

std::string hint(std::string_view program, const command_spec* command) {
    return "; see '" + std::string(program) + (command ? " " + std::string(command->name) : "") + " --help'";
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates, std::string_view prefix) {
    const std::vector<std::string> near = near_names(name, candidates, 1);
    return near.empty() ? "" : "; did you mean " + std::string(prefix) + near[0] + "?";
}

// What a user of hubble may type here, and what there is in its place.
struct foreign_flag {
    std::string_view name;
    std::string_view instead;
};
constexpr std::array foreign_flags = {
    foreign_flag{"follow", "generate follows by itself; --until ends it"},
    foreign_flag{"verdict", "drops are what it takes; --include-audit and --include-forwarded take more"},
    foreign_flag{"last", "--since takes what the nodes' rings hold"},
    foreign_flag{"first", "--since takes what the nodes' rings hold"},
    foreign_flag{"all", "--since 24h takes what the nodes' rings hold"},
    foreign_flag{"pod", "policies are a namespace's: -n"},
    foreign_flag{"from-pod", "policies are a namespace's: -n"},
    foreign_flag{"to-pod", "policies are a namespace's: -n"},
    foreign_flag{"from-namespace", "-n takes what is denied at either end"},
    foreign_flag{"to-namespace", "-n takes what is denied at either end"},
    foreign_flag{"protocol", "--ignore-protocol leaves protocols out"},
    foreign_flag{"type", "the event types that say what was denied are asked for"},
    foreign_flag{"output", "policies go to --output-dir; --capture-file keeps the flows"},
    foreign_flag{"port-forward-port", "the near end of the port-forward is inside the process and has no port"},
    foreign_flag{"request-timeout", "--timeout is for the whole way to a usable stream"},
    foreign_flag{"input-file", "cpg replay FILE reads captures"},
};

// The one that was typed, where it is known; a word that is a flag's value may look like one.
std::uint8_t scope_of(const std::vector<std::string>& words) {
    for (const std::string& word : words)
        for (const command_spec& command : command_table())
            if (word == command.name) return command.scope;
    return in_all;
}

std::string unknown_flag(std::string flag, const std::vector<std::string>& words) {
    const std::size_t start = std::min(flag.find_first_not_of('-'), flag.size());
    const std::string name = flag.substr(start, flag.find('=') - start);
    const std::string what = "unknown flag " + printable(flag.substr(0, 100));
    const std::uint8_t scope = scope_of(words);
    const auto foreign = std::ranges::find(foreign_flags, name, &foreign_flag::name);
    if (foreign != foreign_flags.end() && (scope & in_generate)) return what + ": " + std::string(foreign->instead);
    std::vector<std::string_view> names;
    for (const option_spec& spec : option_table())
        if (spec.scope & scope) names.push_back(spec.name);
    return what + did_you_mean(name, names, "--");
}

po::parsed_options parse_words(const std::vector<std::string>& words, std::string_view program) {
    const po::options_description table = description();
    try {
        return po::command_line_parser(words).options(table).style(style).run();
    } catch (const po::unknown_option& error) {
        throw usage_error(unknown_flag(error.get_option_name(), words) + hint(program, nullptr));
    } catch (const po::error_with_option_name& error) {
        throw usage_error("flag " + printable(error.get_option_name()) + " needs a value" + hint(program, nullptr));
    } catch (const po::error& error) {
        throw usage_error(printable(error.what()) + hint(program, nullptr));
    }
}

// `--dry-run=false`: a switch takes a value only behind '=', which the library has no form for. Such a word becomes an
// option of its own, in its place, so that the last of `--json --json=false` wins.
std::string switch_with_value(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos) return word;
    const std::string name = word.substr(2, equals - 2);
    for (const option_spec& spec : option_table())
        if (spec.name == name && spec.value_name.empty())
            return "--" + name + std::string(valued) + (is_true(name, word.substr(equals + 1)) ? "=true" : "=false");
    return word;
}

// True when the next word is this one's value, whatever it looks like.
bool wants_next_word(const std::string& word) {
    return std::ranges::any_of(option_table(), [&](const option_spec& spec) {
        return !spec.value_name.empty() && (word == "--" + std::string(spec.name) ||
                                            (spec.short_name && word == std::string("-") + spec.short_name));
    });
}

// What comes behind `--` is an argument, whatever it looks like.
std::vector<std::string> with_valued_switches(std::vector<std::string> words) {
    const auto end = std::ranges::find(words, "--");
    for (auto word = words.begin(); word != end; ++word)
        if (word == words.begin() || !wants_next_word(*std::prev(word))) *word = switch_with_value(*word);
    return words;
}

const command_spec& find_command(std::string_view name, std::string_view program) {
    std::vector<std::string_view> names;
    for (const command_spec& command : command_table()) {
        if (command.name == name) return command;
        names.push_back(command.name);
    }
    throw usage_error("unknown command " + json_quote(name.substr(0, 100)) + did_you_mean(name, names, "") +
                      hint(program, nullptr));
}

void check_scope(const option_spec& spec, const command_spec& command, std::string_view program) {
    if (spec.scope & command.scope) return;
    throw usage_error("flag --" + std::string(spec.name) + " is not a flag of " + std::string(command.name) +
                      hint(program, &command));
}

}  // namespace

bool parsed_options::is_on(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return false;
    return found->second.back() == "true";
}

std::string parsed_options::text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string(spec_of(name).default_text) : found->second.back();
}

std::vector<std::string> parsed_options::list(std::string_view name) const {
    std::vector<std::string> out;
    const auto found = values_.find(name);
    if (found == values_.end()) return out;
    for (const std::string& value : found->second)
        for (const std::string_view part : split(value, ','))
            out.emplace_back(trim(part));
    return out;
}

parsed_options parse_options(const std::vector<std::string>& words, std::string_view program) {
    parsed_options out;
    for (const po::option& option : parse_words(with_valued_switches(words), program).options) {
        if (option.string_key.empty()) {
            out.arguments.insert(out.arguments.end(), option.value.begin(), option.value.end());
            continue;
        }
        std::string name = option.string_key;
        if (name.ends_with(valued)) name.pop_back();
        out.values_[name].push_back(option.value.empty() ? "true" : option.value.front());
    }
    if (out.arguments.empty()) return out;
    out.command = &find_command(out.arguments.front(), program);
    out.arguments.erase(out.arguments.begin());
    for (const auto& [name, values] : out.values_)
        check_scope(spec_of(name), *out.command, program);
    return out;
}

}  // namespace cpg

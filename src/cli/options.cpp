// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/options.hpp"

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/unknown_flag.hpp"

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

po::parsed_options parse_words(const std::vector<std::string>& words, std::string_view program) {
    const po::options_description table = description();
    const command_spec* const command = read_so_far(words).command;
    const std::string hint = help_hint(program, command);
    try {
        return po::command_line_parser(words).options(table).style(style).run();
    } catch (const po::unknown_option& error) {
        throw usage_error(unknown_flag(error.get_option_name(), command) + hint);
    } catch (const po::error_with_option_name& error) {
        throw usage_error("flag " + printable(error.get_option_name()) + " needs a value" + hint);
    } catch (const po::error& error) {
        throw usage_error(printable(error.what()) + hint);
    }
}

// `--dry-run=false`: a switch takes a value only behind '=', which the library has no form for. Such a word becomes an
// option of its own, in its place, so that the last of `--json --json=false` wins.
std::string switch_with_value(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos) return word;
    const option_spec* const spec = option_of(word);
    if (!spec || !spec->value_name.empty()) return word;
    return "--" + std::string(spec->name) + valued +
           (is_true(spec->name, word.substr(equals + 1)) ? "=true" : "=false");
}

// `-n=prod` is `--namespace=prod`, and `-An=prod` that behind `-A`: the library would take the `=` for a part of the
// value.
std::vector<std::string> without_short_equals(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (word.size() < 3 || word[0] != '-' || word[1] == '-' || equals == std::string::npos || equals < 2) return {word};
    for (std::size_t i = 1; i < equals; ++i) {
        const option_spec* const spec = option_of(std::string{'-', word[i]});
        if (!spec || (i + 1 < equals && !spec->value_name.empty())) return {word};
    }
    const option_spec& last = *option_of(std::string{'-', word[equals - 1]});
    std::vector<std::string> out;
    if (equals > 2) out.push_back(word.substr(0, equals - 1));
    out.push_back("--" + std::string(last.name) + word.substr(equals));
    return out;
}

// The option whose value the next word is, whatever it looks like; null for none. Of `-An`, the last letter counts.
const option_spec* waits_for_value(std::string_view word) {
    if (word.starts_with("--")) {
        const option_spec* const spec = option_of(word);
        return spec && !spec->value_name.empty() && word.find('=') == std::string_view::npos ? spec : nullptr;
    }
    if (!word.starts_with('-')) return nullptr;
    for (std::size_t i = 1; i < word.size(); ++i) {
        const option_spec* const spec = option_of(std::string{'-', word[i]});
        if (!spec) return nullptr;
        if (!spec->value_name.empty()) return i + 1 == word.size() ? spec : nullptr;
    }
    return nullptr;
}

// What comes behind `--` is an argument, whatever it looks like.
std::vector<std::string> as_the_library_reads(const std::vector<std::string>& words) {
    std::vector<std::string> out;
    bool is_value = false;
    for (auto word = words.begin(); word != words.end(); ++word) {
        if (*word == "--" && !is_value) {
            out.insert(out.end(), word, words.end());
            break;
        }
        if (is_value)
            out.push_back(*word);
        else
            for (const std::string& part : without_short_equals(*word))
                out.push_back(switch_with_value(part));
        is_value = !is_value && waits_for_value(*word);
    }
    return out;
}

void check_scope(const option_spec& spec, const command_spec& command, std::string_view program) {
    if (spec.scope & command.scope) return;
    const std::string_view instead = instead_of(spec.name, &command);
    throw usage_error("flag --" + std::string(spec.name) + " is not a flag of " + std::string(command.name) +
                      (instead.empty() ? "" : ": " + std::string(instead)) + help_hint(program, &command));
}

}  // namespace

typed_so_far read_so_far(std::span<const std::string> words) {
    typed_so_far out;
    for (const std::string& word : words) {
        const bool is_value = std::exchange(out.waiting, nullptr) != nullptr;
        if (is_value) continue;
        if (word == "--" && !out.only_arguments)
            out.only_arguments = true;
        else if (out.only_arguments || !word.starts_with('-') || word == "-")
            out.command = out.command ? out.command : command_named(word);
        else
            out.waiting = waits_for_value(word);
    }
    return out;
}

std::string help_hint(std::string_view program, const command_spec* command) {
    return "; see '" + std::string(program) + (command ? " " + std::string(command->name) : "") + " --help'";
}

bool parsed_options::is_given(const option_spec& spec) const {
    const auto found = values_.find(spec.name);
    return found != values_.end() && (kind_of(spec) != option_kind::toggle || found->second.back() == "true");
}

std::string parsed_options::text(const option_spec& spec) const {
    const auto found = values_.find(spec.name);
    return found == values_.end() ? std::string(spec.default_text) : found->second.back();
}

std::vector<std::string> parsed_options::list(const option_spec& spec) const {
    std::vector<std::string> out;
    const auto found = values_.find(spec.name);
    if (found == values_.end()) return out;
    for (const std::string& value : found->second)
        for (const std::string_view part : split(value, ','))
            out.emplace_back(trim(part));
    return out;
}

parsed_options parse_options(const std::vector<std::string>& words, std::string_view program) {
    parsed_options out;
    out.program = program;
    for (const po::option& option : parse_words(as_the_library_reads(words), program).options) {
        if (option.string_key.empty()) {
            out.arguments.insert(out.arguments.end(), option.value.begin(), option.value.end());
            continue;
        }
        std::string name = option.string_key;
        if (name.ends_with(valued)) name.pop_back();
        out.values_[name].push_back(option.value.empty() ? "true" : option.value.front());
    }
    if (out.arguments.empty()) return out;
    out.command = command_named(out.arguments.front());
    if (!out.command) throw usage_error(unknown_command(out.arguments.front()) + help_hint(program, nullptr));
    out.arguments.erase(out.arguments.begin());
    for (const auto& [name, values] : out.values_)
        check_scope(spec_of(name), *out.command, program);
    return out;
}

}  // namespace cpg

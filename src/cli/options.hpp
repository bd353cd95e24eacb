// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The command line as data: one table feeds the parser, the help, the manual page and the completions. Parsing touches
// nothing but its arguments. One thread.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cpg {

/// Where an option may stand; bits.
enum option_scope : std::uint16_t {
    in_generate = 1,
    in_replay = 2,
    in_explain = 4,
    in_bootstrap = 8,
    in_verify = 16,
    in_help = 32,
    in_version = 64,
    in_completion = 128,
    in_combine = 256,
    in_all = 0xffff
};

/// Headings of the help, in their order.
enum class option_group : std::uint8_t { connection, capture, filters, output, evidence, rules, global };

struct option_spec {
    std::string_view name;  ///< without the dashes
    char short_name = 0;
    std::string_view value_name;  ///< empty for a switch; with `|`, all the values there are
    std::string_view default_text;
    std::uint16_t scope = in_all;
    option_group group = option_group::global;
    std::string_view help;
};

/// Of arguments: as many as there are.
inline constexpr std::size_t any_number = static_cast<std::size_t>(-1);

struct command_spec {
    std::string_view name;
    std::uint16_t scope = 0;
    std::string_view arguments;  ///< as the usage line shows them
    std::size_t least_arguments = 0;
    std::size_t most_arguments = 0;
    std::string_view summary;
    std::string_view examples;  ///< lines with `@` for the program's name
};

std::span<const option_spec> option_table();
std::span<const command_spec> command_table();
std::string_view to_string(option_group group);
/// Null for a name that is no command's.
const command_spec* command_named(std::string_view name);
/// The option that this word begins with or is, `-o`, `--output-dir` or `--output-dir=policies`; null for none.
const option_spec* option_of(std::string_view word);

/// What was typed, checked against the table and nothing else.
class parsed_options {
  public:
    bool has(std::string_view name) const { return values_.contains(name); }
    /// A switch; `--flag=false` turns it off. Throws usage_error for other values.
    bool is_on(std::string_view name) const;
    /// The last value given, or the default.
    std::string text(std::string_view name) const;
    /// All values given, commas taken apart.
    std::vector<std::string> list(std::string_view name) const;

    const command_spec* command = nullptr;  ///< null without one
    std::vector<std::string> arguments;
    std::string program;  ///< as hints name it

  private:
    friend parsed_options parse_options(const std::vector<std::string>&, std::string_view);
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Where words, which need not be right, have led to.
struct typed_so_far {
    const command_spec* command = nullptr;  ///< null without one
    const option_spec* waiting = nullptr;   ///< the next word is this option's value, whatever it looks like
    bool only_arguments = false;            ///< behind `--`
};
typed_so_far read_so_far(std::span<const std::string> words);
/// Where to read on: `; see 'cpg replay --help'`. The command may be null.
std::string help_hint(std::string_view program, const command_spec* command);
/// Throws usage_error. `program` is the name in hints.
parsed_options parse_options(const std::vector<std::string>& words, std::string_view program);

}  // namespace cpg

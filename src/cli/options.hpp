// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The command line as typed, read by the one table of options and that of commands. Parsing touches nothing but its
// arguments. One thread.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_status.hpp"
#include "cli/option_table.hpp"

namespace cpg {

class logger;
class parsed_options;

/// Of arguments: as many as there are.
inline constexpr std::size_t any_number = static_cast<std::size_t>(-1);

struct command_spec {
    std::string_view name;
    std::uint16_t scope = 0;
    /// Throws usage_error before anything is read, written or connected, and fatal_error later.
    exit_status (*run)(const parsed_options& options, logger& log) = nullptr;
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
    bool has(option_id option) const { return has(option.spec()); }
    bool has(const option_spec& spec) const { return values_.contains(spec.name); }
    /// Given, and no switch that is turned off.
    bool is_given(const option_spec& spec) const;
    /// A switch; `--flag=false` turns it off.
    bool is_on(toggle_id option) const { return is_given(option.spec()); }
    /// The last value given, or the default.
    std::string text(value_id option) const { return text(option.spec()); }
    std::string text(const option_spec& spec) const;
    /// All values given, commas taken apart.
    std::vector<std::string> list(list_id option) const { return list(option.spec()); }
    std::vector<std::string> list(const option_spec& spec) const;

    const command_spec* command = nullptr;  ///< null without one
    std::vector<std::string> arguments;
    std::string program;  ///< as hints name it
    std::string file;     ///< the program's own name

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

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/unknown_flag.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cpg {

namespace {

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

}  // namespace

std::string_view instead_of(std::string_view name, const command_spec* command) {
    const auto foreign = std::ranges::find(foreign_flags, name, &foreign_flag::name);
    const bool is_asked = !command || (command->scope & in_generate) != 0;
    return is_asked && foreign != foreign_flags.end() ? foreign->instead : std::string_view();
}

std::string unknown_flag(const std::string& flag, const command_spec* command) {
    const std::size_t start = std::min(flag.find_first_not_of('-'), flag.size());
    const std::string name = flag.substr(start, flag.find('=') - start);
    const std::string what = "unknown flag " + printable(flag.substr(0, 100));
    const std::uint16_t scope = command ? command->scope : std::uint16_t{in_all};
    if (const std::string_view instead = instead_of(name, command); !instead.empty())
        return what + ": " + std::string(instead);
    std::vector<std::string_view> names;
    for (const option_spec& spec : option_table())
        if (spec.scope & scope) names.push_back(spec.name);
    return what + did_you_mean(name, names, "--");
}

std::string unknown_command(std::string_view name) {
    std::vector<std::string_view> names;
    for (const command_spec& command : command_table())
        names.push_back(command.name);
    return "unknown command " + json_quote(name.substr(0, 100)) + did_you_mean(name, names, "");
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>

#include "base/enum_rows.hpp"
#include "cli/commands.hpp"
#include "cli/options.hpp"

namespace cpg {

namespace {

using option_table_detail::option_rows;

constexpr std::array commands = {
    command_spec{"generate", in_generate, run_generate, "", 0, 0,
                 "Watch dropped flows live and write the policies that allow them",
                 "@ generate -n production\n"
                 "@ generate --server localhost:4245 --duration 5m\n"
                 "@ generate --server eu.example.com:4245 --server us.example.com:4245 --by-cluster\n"
                 "timeout --preserve-status 300 @ generate -A -o policies --fail-on-infra-drops\n"},
    command_spec{"replay", in_replay, run_replay, "FILE|FOLDER|-...", 0, any_number,
                 "Write the policies for captures of Hubble flows",
                 "@ replay capture.jsonl\n"
                 "@ replay --loki https://loki.example.com --loki-query '{app=\"hubble\"}' --since 6h\n"
                 "@ replay monday.jsonl.gz tuesday.tar.zst hubble-export/\n"
                 "hubble observe --verdict DROPPED --last 10000 -o jsonpb | @ replay -\n"
                 "@ replay capture.jsonl.gz -n production --dry-run\n"},
    command_spec{"combine", in_combine, run_combine, "PART...", 1, any_number,
                 "Write the policies for parts of captures that were replayed apart",
                 "@ replay --partial monday.part.zst monday/*.jsonl.gz\n"
                 "@ combine monday.part.zst tuesday.part.zst -o policies\n"
                 "@ combine --partial week.part.zst monday.part.zst tuesday.part.zst\n"},
    command_spec{"bootstrap", in_bootstrap, run_bootstrap, "", 0, 0,
                 "Print the policy with which a namespace denies by default, for you to apply",
                 "@ bootstrap -n production > default-deny.yaml\n"
                 "@ bootstrap -n shop,data --allow-dns\n"
                 "@ bootstrap -n production --ingress-only\n"},
    command_spec{"verify", in_verify, run_verify, "POLICIES...", 1, any_number,
                 "Tell what policies would do to the flows of captures, before they are applied",
                 "@ verify policies/ --capture capture.jsonl\n"
                 "@ verify policies/ cluster.yaml --capture monday.jsonl.gz --capture tuesday.jsonl.gz --all\n"
                 "@ verify policies/ --base main/policies/ --capture capture.jsonl --output github\n"},
    command_spec{"explain", in_explain, run_explain, "[NAMESPACE[/WORKLOAD]|FILE.yaml]", 0, 1,
                 "Show which flows made the rules of a policy, or the workloads that have evidence",
                 "@ explain production/api-server\n"
                 "@ explain production\n"
                 "@ explain policies/production/api-server.yaml --ingress --port 8080\n"
                 "@ explain production/api-server --json | jq '.matched_rules[].key'\n"},
    command_spec{"completion", in_completion, run_completion, "bash|zsh|fish", 1, 1, "Print completions for a shell",
                 "source <(@ completion bash)\n"
                 "@ completion zsh > \"${fpath[1]}/_cpg\"\n"
                 "@ completion fish > ~/.config/fish/completions/cpg.fish\n"},
    command_spec{"help", in_help, run_help, "[COMMAND]", 0, 1, "Show help, of a command if one is named", ""},
    command_spec{"version", in_version, run_version, "", 0, 0, "Show the version", ""},
};

}  // namespace

std::span<const option_spec> option_table() {
    return option_rows;
}

std::span<const command_spec> command_table() {
    return commands;
}

const command_spec* command_named(std::string_view name) {
    const auto found = std::ranges::find(commands, name, &command_spec::name);
    return found == commands.end() ? nullptr : &*found;
}

const option_spec* option_of(std::string_view word) {
    const auto found = std::ranges::find_if(option_rows, [&](const option_spec& spec) {
        if (word.starts_with("--")) return word.substr(2, word.find('=') - 2) == spec.name;
        return word.size() > 1 && word[0] == '-' && spec.short_name == word[1];
    });
    return found == option_rows.end() ? nullptr : &*found;
}

std::string_view to_string(option_group group) {
    using enum option_group;
    constexpr auto rows = std::to_array<enum_row<option_group>>({{connection, "Connection"},
                                                                 {capture, "Capture"},
                                                                 {filters, "Filters"},
                                                                 {output, "Output"},
                                                                 {evidence, "Evidence"},
                                                                 {rules, "Rules"},
                                                                 {global, "Global"}});
    static_assert(are_rows_of(rows, global));
    return in_row(rows, group);
}

}  // namespace cpg

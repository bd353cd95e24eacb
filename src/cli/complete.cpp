// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/complete.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/text.hpp"
#include "classify/drop_class.hpp"
#include "cli/options.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

// More than anybody looks through; a folder without end must not hold up a prompt.
constexpr std::size_t most_entries = 10'000;

// What is being typed: `word` is the part that is to be completed, behind `before`.
struct typed {
    std::string before;
    std::string_view word;
};

void offer(completions& to, const typed& at, std::string_view name, std::string_view description = {}) {
    if (name.starts_with(at.word)) to.candidates.push_back({at.before + std::string(name), description});
}

// Of a list, the last entry is the one that is being typed.
typed last_of_list(typed at) {
    const std::size_t comma = at.word.rfind(',');
    if (comma == std::string_view::npos) return at;
    at.before += at.word.substr(0, comma + 1);
    at.word.remove_prefix(comma + 1);
    return at;
}

fs::path with_home(const std::string& path) {
    const char* const home = std::getenv("HOME");
    return path.starts_with("~/") && home ? fs::path(home) / path.substr(2) : fs::path(path);
}

// Names of Kubernetes alone, which mean nothing to a shell.
std::set<std::string> names_in(const fs::path& folder, bool folders, std::string_view extension) {
    std::set<std::string> out;
    std::error_code failed;
    std::size_t entries = 0;
    for (fs::directory_iterator each(folder, failed), end; !failed && each != end; each.increment(failed)) {
        if (++entries > most_entries) break;
        std::error_code unknown;
        if (each->is_directory(unknown) != folders || each->path().extension() != extension) continue;
        if (std::string name = each->path().stem().string(); is_dns_subdomain(name)) out.insert(std::move(name));
    }
    return out;
}

// As the words before say, or the default.
fs::path output_dir_in(std::span<const std::string> words) {
    std::string out = "./policies";
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const bool has_next = i + 1 < words.size();
        if ((word == "-o" || word == "--output-dir") && has_next)
            out = words[++i];
        else if (word.starts_with("--output-dir="))
            out = word.substr(word.find('=') + 1);
        else if (word.starts_with("-o") && word.size() > 2)
            out = word.substr(word[2] == '=' ? 3 : 2);
    }
    return with_home(out);
}

void offer_namespaces(completions& to, const typed& at, const fs::path& output_dir, std::string_view end) {
    for (const std::string& name : names_in(output_dir, true, ""))
        offer(to, at, name + std::string(end));
}

void offer_workloads(completions& to, const typed& at, const fs::path& output_dir) {
    const std::size_t slash = at.word.find('/');
    if (slash == std::string_view::npos) {
        offer_namespaces(to, at, output_dir, "/");
        to.is_open = true;
        return;
    }
    const std::string name_space(at.word.substr(0, slash));
    if (!is_dns_label(name_space)) return;
    for (const std::string& workload : names_in(output_dir / name_space, false, ".yaml"))
        offer(to, at, name_space + "/" + workload);
}

void offer_parts(completions& to, const typed& at, std::string_view alternatives) {
    for (const std::string_view each : split(alternatives, '|'))
        offer(to, at, each);
}

// Reasons are read in any case: in small letters they are typed more quickly.
void offer_reasons(completions& to, const typed& at) {
    const bool small = std::ranges::any_of(at.word, [](char c) { return c >= 'a' && c <= 'z'; });
    for (const drop_reason& each : drop_reasons())
        offer(to, at, small ? lower(each.name) : std::string(each.name), to_string(each.kind));
}

void offer_value(completions& to, const option_spec& spec, const typed& at, std::span<const std::string> before) {
    if (const std::string_view values = values_of(spec); !values.empty())
        return offer_parts(to, spec.means.repeats ? last_of_list(at) : at, values);
    if (spec.value_name == "REASON") return offer_reasons(to, last_of_list(at));
    // Where Cilium runs is none of the namespaces that have policies.
    if (spec.value_name == "NAMESPACE" && spec.name != "kube-namespace")
        return offer_namespaces(to, last_of_list(at), output_dir_in(before), "");
    if (spec.value_name == "FILE") to.others = completions::paths::files;
    if (spec.value_name == "DIR") to.others = completions::paths::folders;
}

void offer_commands(completions& to, const typed& at) {
    for (const command_spec& each : command_table())
        offer(to, at, each.name, each.summary);
}

void offer_flags(completions& to, const typed& at, const command_spec* command) {
    const std::uint16_t scope = command ? command->scope : std::uint16_t{in_help};
    for (const option_spec& spec : option_table()) {
        if (!(spec.scope & scope)) continue;
        offer(to, at, "--" + std::string(spec.name), spec.help);
        if (spec.short_name) offer(to, at, std::string{'-', spec.short_name}, spec.help);
    }
}

void offer_argument(completions& to, const typed& at, const command_spec& command,
                    std::span<const std::string> before) {
    const std::string_view wanted = command.arguments;
    const auto names = [&](std::string_view what) { return wanted.find(what) != std::string_view::npos; };
    if (wanted.empty()) return;
    if (names("COMMAND")) return offer_commands(to, at);
    if (wanted == lower(wanted)) return offer_parts(to, at, wanted);
    to.others = completions::paths::files;
    if (names("WORKLOAD")) offer_workloads(to, at, output_dir_in(before));
}

// `--flag=value`, `-nvalue` and `-n=value`: the option whose value the word has begun; null for none.
const option_spec* value_within(std::string_view word, typed& at) {
    const option_spec* spec = nullptr;
    std::size_t begin = word.find('=');
    if (word.starts_with("--")) {
        if (begin == std::string_view::npos) return nullptr;
        spec = option_of(word);
        ++begin;
    } else if (word.size() > 2) {
        for (begin = 1; begin < word.size(); ++begin) {
            spec = option_of(std::string{'-', word[begin]});
            if (!spec || !spec->value_name.empty()) break;
        }
        begin += begin + 1 < word.size() && word[begin + 1] == '=' ? 2 : 1;
    }
    if (!spec || spec->value_name.empty() || begin > word.size()) return nullptr;
    at = {std::string(word.substr(0, begin)), word.substr(begin)};
    return spec;
}

}  // namespace

completions complete(std::span<const std::string> words) {
    completions out;
    if (words.empty()) return out;
    const std::string& word = words.back();
    const std::span<const std::string> before = words.first(words.size() - 1);
    typed at{"", word};
    const typed_so_far state = read_so_far(before);
    if (state.waiting)
        offer_value(out, *state.waiting, at, before);
    else if (const option_spec* const spec = state.only_arguments ? nullptr : value_within(word, at))
        offer_value(out, *spec, at, before);
    else if (word.starts_with('-') && !state.only_arguments)
        offer_flags(out, at, state.command);
    else if (state.command)
        offer_argument(out, at, *state.command, before);
    else
        offer_commands(out, at);
    return out;
}

std::string completions_text(const completions& what) {
    std::string out;
    for (const completions::candidate& each : what.candidates) {
        out += each.word;
        if (!each.description.empty()) out += "\t" + std::string(each.description);
        out += "\n";
    }
    const int paths = what.others == completions::paths::files     ? 0
                      : what.others == completions::paths::folders ? 16
                                                                   : 4;
    return out + ":" + std::to_string(paths + (what.is_open && !what.candidates.empty() ? 2 : 0)) + "\n";
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A file that a person may have written, and what is to be added to it. The first line chooses the rules, two
// characters each; the rest is the file.

#include "policy/merge.hpp"
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "fuzz/wanted_rules.hpp"
#include "policy/own_policy.hpp"
#include "policy/yaml.hpp"
#include "support/allowed.hpp"

namespace {

using namespace cpg;

// Comments above rules are cpg's where they say what it says, and follow the rule.
bool is_own_comment(std::string_view line) {
    return line.starts_with("# ") && (line.find(" from ") != line.npos || line.find(" to ") != line.npos);
}

// Rules that cpg printed, in a file that is labelled as its own, are printed anew where requests make them narrower.
bool may_be_printed_anew(std::string_view before, const policy& wanted) {
    const auto has_l7 = [](const rule& each) { return !each.l7_ports.empty(); };
    return before.find("managed-by") != before.npos &&
           (std::ranges::any_of(wanted.ingress, has_l7) || std::ranges::any_of(wanted.egress, has_l7));
}

// What is empty may be filled.
std::string without_nothing(std::string line) {
    for (const std::string_view nothing : {"null", "Null", "NULL", "~", "[", "]"})
        for (std::size_t at = 0; (at = line.find(nothing, at)) != line.npos;)
            line.erase(at, nothing.size());
    return line;
}

std::string_view without_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// True when `after` is `before` with more in it, as a list in brackets gets more. A last line without an end gets one.
bool holds(std::string_view after, std::string_view before, bool in_brackets) {
    if (without_return(after) == without_return(before)) return true;
    if (!in_brackets) return false;
    std::size_t at = 0;
    for (const char c : without_nothing(std::string(trim(before)))) {
        if (c == ' ') continue;
        at = after.find(c, at);
        if (at == after.npos) return false;
        ++at;
    }
    return true;
}

// The first line of a person's that is not there any more, in its place; nothing when all are.
std::string lost_line(const std::string& before, const std::string& after, bool comments_only) {
    const bool in_brackets = before.find_first_of("[{~") != before.npos || lower(before).find("null") != before.npos;
    const std::vector<std::string_view> lines = split(after, '\n');
    auto at = lines.begin();
    for (const std::string_view line : split(before, '\n')) {
        const std::string_view text = trim(line);
        if (without_nothing(std::string(text)).empty() || is_own_comment(text) ||
            (comments_only && !text.starts_with('#')))
            continue;
        at = std::find_if(at, lines.end(), [&](std::string_view each) { return holds(each, line, in_brackets); });
        if (at == lines.end()) return std::string(line);
        ++at;
    }
    return {};
}

// The second reader of the tests takes only what is well-formed as a policy.
void check_facts(const std::string& before, const std::string& after) try {
    const auto facts_before = test::allowed_facts(before);
    const auto facts_after = test::allowed_facts(after);
    fuzz::require(test::lost_facts(facts_before, facts_after).empty(), "nothing is narrowed", after);
    fuzz::require(test::voided_filters(facts_before, facts_after).empty(), "no filter is voided", after);
} catch (const YAML::Exception&) {
}

void check_merged(const std::string& before, const std::string& after, const policy& wanted) {
    const std::vector<tree> documents = parse_yaml(after);
    fuzz::require(!documents.empty(), "the result is YAML", after);
    const merge_result again = merge_policy(after, wanted);
    fuzz::require(again.status == merge_status::unchanged, "a second merge adds nothing",
                  after + "\nAGAIN\n" + again.problem + again.text);
    check_facts(before, after);
    if (read_own_policy(after, documents)) return;
    const std::string lost = lost_line(before, after, may_be_printed_anew(before, wanted));
    fuzz::require(lost.empty(), "what a person wrote stays", lost + "\n---\n" + after);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    const std::size_t end = std::min(input.find('\n'), input.size());
    const policy wanted = fuzz::wanted_policy(input.substr(0, end));
    const std::string before(input.substr(std::min(end + 1, input.size())));
    if (wanted.empty()) return 0;
    const merge_result merged = merge_policy(before, wanted);
    fuzz::require(merged.status != merge_status::refused || !merged.problem.empty(), "a refusal has a reason");
    if (merged.status == merge_status::changed) check_merged(before, merged.text, wanted);
    return 0;
}

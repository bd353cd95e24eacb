// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Lines of a part, which somebody may have made up.

#include <algorithm>
#include <optional>

#include "aggregate/snapshot.hpp"
#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "partial/part.hpp"
#include "partial/workload_json.hpp"
#include "policy/build.hpp"
#include "policy/policy_text.hpp"

namespace {

using namespace cpg;

constexpr std::size_t samples = 3;
constexpr std::size_t most_rules = 64;

using read_workload_line = std::pair<workload_key, workload>;

void try_policy(const workload_key& key, const workload& of) {
    const workload_snapshot taken = snapshot_of(key, of, {}, true);
    std::vector<rule_key> keys;
    for (const auto& [rule, tally] : taken.rules)
        keys.push_back(rule);
    const policy built = build_policy(key.pod_namespace, taken.name, key.selector, keys, taken.names);
    fuzz::require(is_dns_label(built.workload), "a policy has a name", built.workload);
    if (keys.empty()) return;
    const std::string text = policy_text(built, [](std::string_view) { return false; });
    fuzz::require(fuzz::is_calm(text), "a policy has no control characters", text);
}

// What the bounds leave out, a sum leaves out too: so both are bounded before they are compared.
std::string sum_line(const workload_key& key, const workload& a, const workload& b) {
    workload both;
    add(both, a, samples, most_rules);
    add(both, b, samples, most_rules);
    return workload_line(key, both);
}

std::optional<read_workload_line> try_workload(std::string_view line) {
    read_workload_line read = read_workload(line, samples);
    const std::string text = workload_line(read.first, read.second);
    const read_workload_line again = read_workload(text, samples);
    fuzz::require(again.first == read.first, "a workload is read as it was", text);
    fuzz::require(workload_line(again.first, again.second) == text, "a workload is written alike twice", text);
    try_policy(read.first, read.second);
    return read;
}

void try_header(std::string_view line) {
    const part_header read = read_header(line);
    const std::string text = header_line(read);
    const part_header again = read_header(text);
    fuzz::require(header_line(again) == text, "a header is written alike twice", text);
    fuzz::require(!difference_of(read.options, again.options), "options are read as they were", text);
    part_totals sum = read.totals;
    sum.add(again.totals);
}

void try_line(std::string_view line, std::optional<read_workload_line>& last) {
    try {
        try_header(line);
    } catch (const part_error& error) {
        fuzz::require(error.what()[0] != '\0', "an error says something");
    }
    try {
        if (read_end(line)) return;
        std::optional<read_workload_line> read = try_workload(line);
        if (last)
            fuzz::require(
                sum_line(read->first, read->second, last->second) == sum_line(read->first, last->second, read->second),
                "the order of parts makes no difference", line);
        last = std::move(read);
    } catch (const part_error& error) {
        fuzz::require(error.what()[0] != '\0', "an error says something");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::optional<read_workload_line> last;
    for (const std::string_view line : cpg::split(fuzz::text_of(data, size), '\n'))
        try_line(line, last);
    return 0;
}

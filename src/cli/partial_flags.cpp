// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/partial_flags.hpp"

#include <array>

#include "base/error.hpp"

namespace cpg {

namespace {

// What is decided when all is known; --evidence-samples and --no-evidence decide what is kept, in a part too.
constexpr std::array of_policies = {
    "output-dir",          "dry-run",           "no-diff",       "verify",         "no-default-deny",   "cluster-dedup",
    "fail-on-infra-drops", "l7-collapse-paths", "l7-min-flows",  "aggregate-cidr", "aggregate-private", "port-ranges",
    "evidence-dir",        "evidence-sessions", "flush-interval"};
// Those that decide what is in a part, and have been decided when parts are added up.
constexpr std::array of_parts = {"no-evidence", "evidence-samples"};

}  // namespace

void check_partial_flags(const parsed_options& options) {
    for (const char* const name : of_policies)
        if (options.has(name))
            throw usage_error("--" + std::string(name) +
                              " is about policies, and --partial writes none: give it to the cpg combine that does");
    if (options.command->scope == in_combine)
        for (const char* const name : of_parts)
            if (options.has(name))
                throw usage_error("--" + std::string(name) + " is for cpg replay --partial: a part has what it has");
    if (options.has("loki")) throw usage_error("--partial reads captures, and --loki none: they exclude each other");
}

std::string partial_of(const parsed_options& options) {
    const std::string out = options.text("partial");
    if (out.empty()) throw usage_error("--partial must not be empty");
    return out;
}

}  // namespace cpg

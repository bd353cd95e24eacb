// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// How long a merge takes as the file grows: merge_bench peers|ports [MOST]. As many new rules, or ports of one rule, as
// a person's file has already; the file cpg's own as well. Prints the seconds of each size and how they grow when it
// doubles: 2 is linear, 4 square. Asserts nothing about either.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "policy/build.hpp"
#include "policy/merge.hpp"
#include "policy/policy_text.hpp"

namespace {

using namespace cpg;

rule_key from(const std::string& app, std::uint16_t port) {
    return {.direction = direction::ingress,
            .peer = peer::endpoint({{"app", app}}),
            .protocol = l4_protocol::tcp,
            .port = port,
            .l7 = {}};
}

rule_key a_peer(std::size_t number) {
    return from("peer-" + std::to_string(number), 8080);
}

// No two of them in a run.
rule_key a_port(std::size_t number) {
    return from("frontend", static_cast<std::uint16_t>(1 + 2 * number));
}

policy of(std::size_t from, std::size_t count, rule_key (*key)(std::size_t)) {
    std::vector<rule_key> keys;
    for (std::size_t i = from; i < from + count; ++i)
        keys.push_back(key(i));
    return build_policy("shop", "cart", {{"app", "cart"}}, keys);
}

double seconds_of_merge(const std::string& existing, const policy& wanted) {
    const auto start = std::chrono::steady_clock::now();
    if (merge_policy(existing, wanted).status != merge_status::changed) std::cerr << "nothing was merged\n";
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void report(std::string_view what, const std::string& mark, std::size_t most, rule_key (*key)(std::size_t)) {
    double before = 0;
    for (std::size_t count = most / 4; count <= most; count *= 2) {
        const double took = seconds_of_merge(mark + policy_text(of(0, count, key)), of(count, count, key));
        std::cout << count << " " << what << " into as many: " << took << " s";
        if (before > 0) std::cout << ", " << took / before << " times as long";
        std::cout << "\n";
        before = took;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    const std::size_t most = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 8'000;
    if (what != "peers" && what != "ports") return std::cerr << "merge_bench peers|ports [MOST]\n", 2;
    if (what == "ports" && most > 16'000) return std::cerr << "there are not so many ports\n", 2;
    rule_key (*const key)(std::size_t) = what == "peers" ? a_peer : a_port;
    report(std::string(what) + " of a person's file", "# by hand\n", most, key);
    report(std::string(what) + " of cpg's own file", "", most, key);
    return 0;
}

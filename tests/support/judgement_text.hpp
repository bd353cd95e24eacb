// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the gates made of a flow as one line of text. Pure; any thread.

#include <array>
#include <string>

#include "classify/gates.hpp"

namespace cpg::test {

/// `kept shop ingress:ep:app=frontend:TCP:8080`, `unhandled reply`, `health_drop CT_MAP_INSERTION_FAILED`, …
inline std::string judgement_text(const judgement& judgement) {
    constexpr std::array<std::string_view, 7> outcomes = {
        "not_dropped", "ignored_reason", "ignored_protocol", "noise", "health_drop", "unhandled", "kept"};
    std::string out(outcomes[static_cast<std::size_t>(judgement.outcome)]);
    if (judgement.outcome == outcome::unhandled) out += " " + std::string(to_string(judgement.why));
    if (judgement.outcome == outcome::health_drop) out += " " + std::string(judgement.reason->name);
    if (judgement.outcome == outcome::kept)
        out += " " + std::string(judgement.candidate.subject_namespace) + "/" +
               judgement.candidate.subject->labels->workload + " " + to_string(rule_key_of(judgement.candidate));
    return out;
}

}  // namespace cpg::test

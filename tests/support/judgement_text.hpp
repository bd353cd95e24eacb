// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the gates made of a flow as one line of text. Pure; any thread.

#include <array>
#include <string>

#include "classify/gates.hpp"

namespace cpg::test {

/// `kept shop ingress:ep:app=frontend:TCP:8080`, `unhandled reply`, `sick CT_MAP_INSERTION_FAILED`, …
inline std::string judgement_text(const judgement& of) {
    constexpr std::array<std::string_view, 7> fates = {
        "not_dropped", "ignored_reason", "ignored_protocol", "noise", "sick", "unhandled", "kept"};
    std::string out(fates[static_cast<std::size_t>(of.fate)]);
    if (of.fate == fate::unhandled) out += " " + std::string(to_string(of.why));
    if (of.fate == fate::sick) out += " " + std::string(of.reason->name);
    if (of.fate == fate::kept)
        out += " " + std::string(of.candidate.subject_namespace) + "/" + of.candidate.subject->labels->workload + " " +
               to_string(rule_key_of(of.candidate));
    return out;
}

}  // namespace cpg::test

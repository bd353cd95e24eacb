// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Evidence for people. Text from flows is made safe for a terminal; times are local, all with the offset that is named
// once at the top. Reads the time zone, nothing else; any thread.

#include <string>

#include "evidence/document.hpp"
#include "report/also_opened.hpp"
#include "report/policy_check.hpp"

namespace cpg {

struct explain_style {
    bool colour = false;
    std::size_t most_samples = 10;  ///< of each rule
};

/// The policy, its latest session, and the rules in `shown`, which are some of the document's; those that are gone from
/// the policy are marked.
std::string explain_text(const evidence_document& document, const evidence_document& shown, const explain_style& style,
                         const policy_check& check = {}, const opened_by_rule& opened = {});

/// `ingress  app=frontend (endpoint)  8080/TCP` for each rule.
std::string rule_list(const evidence_document& document);

/// The rules of the policy that have no evidence, in a section of their own; nothing when there are none.
std::string unproven_text(const policy_check& check, const explain_style& style);

}  // namespace cpg

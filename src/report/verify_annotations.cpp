// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>

#include "base/text.hpp"
#include "report/verify_json.hpp"

namespace cpg {

namespace {

// GitHub shows ten annotations of a step and keeps fifty.
constexpr std::size_t most_annotations = 50;

// docs.github.com: `%`, CR and LF are escaped, in properties `:` and `,` too.
std::string escaped(std::string_view text, bool property) {
    std::string out;
    for (const char c : printable(text)) {
        const bool plain = c != '%' && c != '\r' && c != '\n' && !(property && (c == ':' || c == ','));
        if (plain) {
            out += c;
            continue;
        }
        out += c == '%' ? "%25" : c == '\r' ? "%0D" : c == '\n' ? "%0A" : c == ':' ? "%3A" : "%2C";
    }
    return out;
}

std::string annotation(std::string_view level, const judged_policy* policy, std::size_t line, std::string_view title,
                       std::string_view text) {
    std::string out = "::" + std::string(level) + " ";
    if (policy) out += "file=" + escaped(policy->file, true) + ",";
    if (policy && line > 0) out += "line=" + std::to_string(line) + ",";
    return out + "title=" + escaped(title, true) + "::" + escaped(text, false) + "\n";
}

std::string sentence(const verified& one) {
    return sentence_of(one.seen.connection) + " (" + std::to_string(one.seen.flows()) + " flows): " + one.why.text;
}

}  // namespace

std::string verify_annotations(const verify_report& report) {
    std::string out;
    std::size_t written = 0;
    for (const judged_policy& each : report.policies->all())
        for (const policy_fault& fault : each.refusals)
            if (++written <= most_annotations)
                out += annotation("error", &each, fault.line, "Cilium does not take " + each.name, fault.text);
    for (const verified& each : report.verification.all) {
        const bool bad = each.effect == effect::breaks || each.effect == effect::left_denied;
        if (!bad || ++written > most_annotations) continue;
        out += annotation("error", each.why.policy, each.why.line,
                          each.effect == effect::breaks ? "would break" : "stays denied", sentence(each));
    }
    if (report.findings)
        for (const lint_finding& each : *report.findings)
            if (++written <= most_annotations)
                out += annotation("warning", each.policy, each.line, to_string(each.kind), each.text);
    if (written > most_annotations)
        out += annotation("warning", nullptr, 0, "cpg verify",
                          std::to_string(written - most_annotations) + " more are not shown here");
    return out;
}

}  // namespace cpg

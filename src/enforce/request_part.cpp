// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/request_part.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <stdexcept>

namespace cpg {

namespace {

// cilium#41314: Envoy refuses the whole policy of an endpoint that has one beyond it.
constexpr int largest_program = 100;

RE2::Options quietly() {
    RE2::Options options;
    options.set_log_errors(false);
    return options;
}

finding matches(const http_rule& rule, const connection_request& request) {
    if (!rule.method.matches(request.method) || !rule.path.matches(request.target)) return found(false);
    finding out = found(true);
    if (rule.host.is_given() && request.host.empty())
        out = open(open_question::host);
    else if (!rule.host.matches(request.host))
        return found(false);
    if (rule.headers) out = all_of(out, open(open_question::headers));
    if (rule.path.is_too_large() || rule.method.is_too_large() || rule.host.is_too_large())
        out = all_of(out, open(open_question::regex_size));
    return out;
}

bool is_of(request_kind kind, l7_kind record) {
    return (kind == request_kind::http && record == l7_kind::http) ||
           (kind == request_kind::dns && record == l7_kind::dns);
}

}  // namespace

struct whole_match::compiled {
    explicit compiled(const std::string& expression) : re(expression, quietly()) {}
    RE2 re;
};

whole_match::whole_match(const std::string& expression) : text_(expression) {
    if (expression.empty()) return;
    compiled_ = std::make_shared<const compiled>(expression);
    if (!compiled_->re.ok()) throw std::invalid_argument(compiled_->re.error());
}

bool whole_match::matches(const std::string& text) const {
    return !compiled_ || RE2::FullMatch(text, compiled_->re);
}

bool whole_match::is_too_large() const {
    return compiled_ && compiled_->re.ProgramSize() > largest_program;
}

finding lets_through(const request_part& part, const connection_request& request) {
    if (!is_of(part.kind, request.kind)) return open(open_question::l7_protocol);
    finding out;
    if (part.kind == request_kind::dns)
        return found(
            std::ranges::any_of(part.dns, [&](const name_pattern& each) { return each.matches(request.target); }));
    for (const http_rule& each : part.http)
        out = any_of(out, matches(each, request));
    return out;
}

std::string describe(const http_rule& rule) {
    std::string out = rule.method.is_given() ? rule.method.text() : "any method";
    out += rule.path.is_given() ? " " + rule.path.text() : " any path";
    if (rule.host.is_given()) out += " at " + rule.host.text();
    return rule.headers ? out + " with headers" : out;
}

}  // namespace cpg

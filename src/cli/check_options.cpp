// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/check_options.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/timestamp.hpp"

namespace cpg {

namespace {

std::string flag(std::string_view name) {
    return "--" + std::string(name);
}

std::uint64_t number_in(const option_spec& spec, const std::string& text) {
    const auto value = parse_unsigned(text);
    if (value && *value >= spec.means.least && *value <= spec.means.most) return *value;
    throw usage_error(flag(spec.name) + " is a whole number from " + std::to_string(spec.means.least) + " to " +
                      std::to_string(spec.means.most) + ", not " + json_quote(text));
}

std::chrono::nanoseconds duration_in(const option_spec& spec, const std::string& text) {
    try {
        const std::chrono::nanoseconds value = parse_duration(text);
        if (value.count() <= 0) throw std::invalid_argument("must be greater than 0");
        return value;
    } catch (const std::invalid_argument& error) {
        throw usage_error(flag(spec.name) + ": " + error.what());
    }
}

std::int64_t moment_in(const option_spec& spec, const std::string& text) {
    if (const auto moment = parse_moment(text, now_ns())) return *moment;
    throw usage_error(
        flag(spec.name) + ": " + json_quote(text) +
        " is neither a duration back from now, such as 5m or 2h, nor a time such as 2026-01-14T09:00:00Z");
}

// `tcp|udp|sctp` as `tcp, udp or sctp`.
std::string spoken(std::string_view values) {
    std::string out;
    const auto all = split(values, '|');
    for (std::size_t i = 0; i < all.size(); ++i)
        out += (i == 0 ? "" : i + 1 == all.size() ? " or " : ", ") + std::string(all[i]);
    return out;
}

std::size_t place_in(const option_spec& spec, const std::string& text) {
    const auto all = split(values_of(spec), '|');
    const bool exactly = kind_of(spec) == option_kind::choice;
    const auto found = std::ranges::find_if(
        all, [&](std::string_view each) { return exactly ? each == text : equal_ignoring_case(each, text); });
    if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
    throw usage_error(flag(spec.name) + " is " + spoken(values_of(spec)) + ", not " + json_quote(text));
}

void check_value(const option_spec& spec, const std::string& text) {
    if (spec.means.filled && text.empty()) throw usage_error(flag(spec.name) + " must not be empty");
    if (!values_of(spec).empty()) place_in(spec, text);
    switch (kind_of(spec)) {
        case option_kind::number: number_in(spec, text); break;
        case option_kind::duration: duration_in(spec, text); break;
        case option_kind::moment: moment_in(spec, text); break;
        default: break;
    }
}

bool bears_on(const related_option& other, const parsed_options& options) {
    return !other.name.empty() && (other.scope & options.command->scope) != 0;
}

const option_spec& spec_of(const related_option& other) {
    return option_table()[option_table_detail::row_of(other.name)];
}

void check_others(const option_spec& spec, const parsed_options& options) {
    const auto refuse = [&](const related_option& other, const std::string& usual) {
        throw usage_error(flag(spec.name) + (other.said.empty() ? usual : std::string(other.said)));
    };
    for (const related_option& other : spec.means.excludes)
        if (bears_on(other, options) && options.is_given(spec_of(other)))
            refuse(other, " and " + flag(other.name) + " exclude each other");
    const related_option& needed = spec.means.goes_with;
    if (bears_on(needed, options) && !options.is_given(spec_of(needed)))
        refuse(needed, " goes with " + flag(needed.name));
}

}  // namespace

void check_options(const parsed_options& options) {
    for (const option_spec& spec : option_table()) {
        if (!options.is_given(spec)) continue;
        check_others(spec, options);
        if (kind_of(spec) == option_kind::toggle) continue;
        const std::vector<std::string> values =
            spec.means.repeats ? options.list(spec) : std::vector<std::string>{options.text(spec)};
        for (const std::string& value : values)
            check_value(spec, value);
    }
}

std::size_t count_of(const parsed_options& options, number_id option) {
    return number_in(option.spec(), options.text(option.spec()));
}

std::chrono::nanoseconds duration_of(const parsed_options& options, duration_id option) {
    return duration_in(option.spec(), options.text(option.spec()));
}

std::optional<std::int64_t> moment_of(const parsed_options& options, moment_id option) {
    if (!options.has(option)) return std::nullopt;
    return moment_in(option.spec(), options.text(option.spec()));
}

std::size_t place_among(list_id option, const std::string& value) {
    return place_in(option.spec(), value);
}

std::size_t place_of(const parsed_options& options, choice_id option) {
    return place_in(option.spec(), options.text(option.spec()));
}

}  // namespace cpg

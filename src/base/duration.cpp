// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "base/text.hpp"

namespace cpg {

namespace {

struct unit {
    std::string_view name;
    double nanoseconds;
};

// Longest names first, so that `ms` is not read as `m`.
constexpr std::array units = {unit{"ns", 1},  unit{"us", 1e3}, unit{"µs", 1e3},   unit{"μs", 1e3},   unit{"ms", 1e6},
                              unit{"s", 1e9}, unit{"m", 60e9}, unit{"h", 3600e9}, unit{"d", 86400e9}};

[[noreturn]] void refuse(std::string_view text) {
    throw std::invalid_argument("invalid duration " + json_quote(text) + ": expected e.g. 300ms, 5s, 1m30s, 2h or 7d");
}

double take_number(std::string_view& rest, std::string_view whole) {
    double value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, std::chars_format::fixed);
    const auto first_is_digit = !rest.empty() && ((rest[0] >= '0' && rest[0] <= '9') || rest[0] == '.');
    if (error != std::errc{} || !first_is_digit) refuse(whole);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return value;
}

double take_unit(std::string_view& rest, std::string_view whole) {
    for (const unit& candidate : units) {
        if (!rest.starts_with(candidate.name)) continue;
        rest.remove_prefix(candidate.name.size());
        return candidate.nanoseconds;
    }
    refuse(whole);
}

std::string trimmed_decimal(long long whole, long long fraction, int digits) {
    std::string out = std::to_string(whole);
    std::string tail = std::to_string(fraction);
    tail.insert(0, static_cast<std::size_t>(digits) - tail.size(), '0');
    while (!tail.empty() && tail.back() == '0')
        tail.pop_back();
    return tail.empty() ? out : out + "." + tail;
}

}  // namespace

nanoseconds parse_duration(std::string_view text) {
    if (text == "0") return nanoseconds{0};
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest.empty()) refuse(text);
    double total = 0;
    while (!rest.empty()) {
        const double number = take_number(rest, text);
        total += number * take_unit(rest, text);
    }
    if (total >= static_cast<double>(std::numeric_limits<long long>::max())) refuse(text);
    return nanoseconds{std::llround(negative ? -total : total)};
}

std::string format_duration(nanoseconds value) {
    const bool negative = value.count() < 0;
    const long long ns = negative ? -value.count() : value.count();
    const std::string sign = negative ? "-" : "";
    if (ns == 0) return "0s";
    if (ns < 1'000) return sign + std::to_string(ns) + "ns";
    if (ns < 1'000'000) return sign + trimmed_decimal(ns / 1'000, ns % 1'000, 3) + "µs";
    if (ns < 1'000'000'000) return sign + trimmed_decimal(ns / 1'000'000, ns % 1'000'000, 6) + "ms";
    const long long seconds = ns / 1'000'000'000;
    std::string out = trimmed_decimal(seconds % 60, ns % 1'000'000'000, 9) + "s";
    if (seconds >= 60) out.insert(0, std::to_string(seconds / 60 % 60) + "m");
    if (seconds >= 3600) out.insert(0, std::to_string(seconds / 3600) + "h");
    return sign + out;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "base/duration.hpp"

namespace cpg {

namespace {

namespace chrono = std::chrono;

// Takes exactly `digits` decimal digits; -1 when there are none such.
int take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return -1;
    int value = 0;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text[0] != wanted) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<chrono::sys_days> take_date(std::string_view& text) {
    const int year = take_digits(text, 4);
    const bool first_dash = take(text, '-');
    const int month = take_digits(text, 2);
    const bool second_dash = take(text, '-');
    const int day = take_digits(text, 2);
    if (year < 1678 || year > 2261 || month < 0 || day < 0 || !first_dash || !second_dash) return std::nullopt;
    const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                      chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return chrono::sys_days(date);
}

std::optional<chrono::seconds> take_time_of_day(std::string_view& text) {
    const int hour = take_digits(text, 2);
    const bool first_colon = take(text, ':');
    const int minute = take_digits(text, 2);
    const bool second_colon = take(text, ':');
    const int second = take_digits(text, 2);
    const bool in_range = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
    if (!in_range || !first_colon || !second_colon) return std::nullopt;
    return chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
}

std::optional<std::int64_t> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    std::int64_t value = 0;
    int digits = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1)) {
        if (++digits > 9) return std::nullopt;
        value = value * 10 + (text[0] - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 9; ++digits)
        value *= 10;
    return value;
}

std::optional<chrono::seconds> take_offset(std::string_view& text) {
    if (take(text, 'Z')) return chrono::seconds(0);
    const bool west = !text.empty() && text[0] == '-';
    if (!take(text, west ? '-' : '+')) return std::nullopt;
    const int hours = take_digits(text, 2);
    const bool colon = take(text, ':');
    const int minutes = take_digits(text, 2);
    if (hours < 0 || hours > 23 || !colon || minutes < 0 || minutes > 59) return std::nullopt;
    const chrono::seconds offset = chrono::hours(hours) + chrono::minutes(minutes);
    return west ? -offset : offset;
}

void append_digits(std::string& to, int value, std::size_t count) {
    const std::string digits = std::to_string(value);
    to.append(count - std::min(count, digits.size()), '0').append(digits);
}

}  // namespace

std::int64_t now_ns() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    const auto date = take_date(text);
    if (!date || !take(text, 'T')) return std::nullopt;
    const auto time_of_day = take_time_of_day(text);
    if (!time_of_day) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    const chrono::seconds seconds = date->time_since_epoch() + *time_of_day - *offset;
    return seconds.count() * 1'000'000'000 + *fraction;
}

std::optional<std::int64_t> timestamp_reader::read(std::string_view text) {
    if (minute_.empty() || !text.starts_with(minute_) || !text.ends_with('Z')) return read_anew(text);
    std::string_view rest = text.substr(minute_.size());
    const int second = take_digits(rest, 2);
    const auto fraction = second < 0 || second > 60 ? std::nullopt : take_fraction(rest);
    if (!fraction || rest.size() != 1) return std::nullopt;
    return minute_ns_ + std::int64_t{second} * 1'000'000'000 + *fraction;
}

std::optional<std::int64_t> timestamp_reader::read_anew(std::string_view text) {
    constexpr std::string_view minute = "2026-01-14T09:11:";
    const auto out = parse_timestamp(text);
    if (!out || !text.ends_with('Z')) return out;
    minute_ = text.substr(0, minute.size());
    text.remove_prefix(minute.size());
    // What read() will add for such a text; a minute may have 61 seconds.
    const std::int64_t second = take_digits(text, 2);
    minute_ns_ = *out - second * 1'000'000'000 - take_fraction(text).value_or(0);
    return out;
}

std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_ns) {
    if (const auto time = parse_timestamp(text)) return time;
    try {
        const nanoseconds back = parse_duration(text);
        if (back.count() < 0) return std::nullopt;
        return now_ns - back.count();
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

std::string format_timestamp(std::int64_t nanoseconds_since_epoch) {
    const chrono::sys_time<chrono::nanoseconds> time{chrono::nanoseconds(nanoseconds_since_epoch)};
    const auto days = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date(days);
    const chrono::hh_mm_ss clock(chrono::floor<chrono::seconds>(time) - days);
    const auto fraction = static_cast<int>((time - chrono::floor<chrono::seconds>(time)).count());
    std::string out;
    out.reserve(30);
    append_digits(out, static_cast<int>(date.year()), 4);
    append_digits(out += '-', static_cast<int>(static_cast<unsigned>(date.month())), 2);
    append_digits(out += '-', static_cast<int>(static_cast<unsigned>(date.day())), 2);
    append_digits(out += 'T', static_cast<int>(clock.hours().count()), 2);
    append_digits(out += ':', static_cast<int>(clock.minutes().count()), 2);
    append_digits(out += ':', static_cast<int>(clock.seconds().count()), 2);
    append_digits(out += '.', fraction, 9);
    const std::size_t digits = fraction == 0 ? 0 : fraction % 1'000'000 == 0 ? 3 : fraction % 1'000 == 0 ? 6 : 9;
    out.resize(19 + (digits == 0 ? 0 : 1 + digits));
    return out += 'Z';
}

}  // namespace cpg

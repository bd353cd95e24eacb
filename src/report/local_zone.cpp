// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/local_zone.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace cpg {

namespace {

std::time_t seconds_of(std::int64_t time_ns) {
    return time_ns / 1'000'000'000 - (time_ns % 1'000'000'000 < 0 ? 1 : 0);
}

}  // namespace

local_zone::local_zone(std::int64_t reference_ns) {
    const std::time_t seconds = seconds_of(reference_ns);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    offset_ = local.tm_gmtoff;
    name_ = local.tm_zone ? local.tm_zone : "";
}

std::string local_zone::name() const {
    if (offset_ == 0 && (name_ == "UTC" || name_ == "GMT")) return name_;
    const long minutes = std::labs(offset_) / 60;
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), " (UTC%c%02ld:%02ld)", offset_ < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return name_ + text.data();
}

std::string local_zone::format(std::int64_t time_ns, const char* pattern) const {
    if (time_ns == 0) return "unknown";
    const std::time_t shifted = seconds_of(time_ns) + offset_;
    std::tm parts{};
    ::gmtime_r(&shifted, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), pattern, &parts);
    return text.data();
}

}  // namespace cpg

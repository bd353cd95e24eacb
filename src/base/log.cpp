// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/log.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::array<std::string_view, 4> upper_names = {"DEBUG", "INFO", "WARN", "ERROR"};
constexpr std::array<std::string_view, 4> lower_names = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 4> colours = {"\x1b[35m", "\x1b[34m", "\x1b[33m", "\x1b[31m"};
constexpr std::string_view clear_line = "\r\x1b[K";

std::string fields_as_json(const log_fields& fields, std::string_view colon, std::string_view comma) {
    std::string out;
    for (const log_field& field : fields) {
        if (&field != fields.data()) out += comma;
        out += json_quote(field.name());
        out += colon;
        out += field.json();
    }
    return out;
}

std::string as_text(log_level level, std::string_view message, const log_fields& fields, bool colour) {
    const auto index = static_cast<std::size_t>(level);
    std::string line = timestamp_now() + "  ";
    if (colour) line += colours[index];
    line += upper_names[index];
    if (colour) line += "\x1b[0m";
    line += "  " + printable(message);
    if (!fields.empty()) line += "  {" + fields_as_json(fields, ": ", ", ") + "}";
    return line += '\n';
}

std::string as_json(log_level level, std::string_view message, const log_fields& fields) {
    std::string line = R"({"ts":")" + timestamp_now() + R"(","level":")";
    line += lower_names[static_cast<std::size_t>(level)];
    line += R"(","msg":)" + json_quote(message);
    if (!fields.empty()) line += "," + fields_as_json(fields, ":", ",");
    return line += "}\n";
}

// A closed or full stderr must not stop a capture, so what can't be written is given up.
void write_whole(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

log_field::log_field(std::string_view name, std::string_view value) : name_(name), json_(json_quote(value)) {}

log_field::log_field(std::string_view name, bool value) : name_(name), json_(value ? "true" : "false") {}

log_field::log_field(std::string_view name, std::uint64_t value) : name_(name), json_(std::to_string(value)) {}

log_field::log_field(std::string_view name, const std::vector<std::string>& values) : name_(name), json_("[") {
    for (const std::string& value : values) {
        if (&value != values.data()) json_ += ", ";
        json_ += json_quote(value);
    }
    json_ += ']';
}

log_field::log_field(std::string_view name, const std::map<std::string, std::uint64_t>& counts)
    : name_(name), json_("{") {
    for (const auto& [key, count] : counts)
        json_ += (json_.size() > 1 ? ", " : "") + json_quote(key) + ": " + std::to_string(count);
    json_ += '}';
}

void logger::write(log_level level, std::string_view message, const log_fields& fields) {
    if (!enabled(level)) return;
    std::string line =
        settings_.json ? as_json(level, message, fields) : as_text(level, message, fields, settings_.colour);
    const std::lock_guard lock(mutex_);
    if (!status_.empty()) line = std::string(clear_line) + line + status_;
    write_whole(settings_.descriptor, line);
}

void logger::set_status(std::string text) {
    const std::lock_guard lock(mutex_);
    if (text.empty() && status_.empty()) return;
    status_ = std::move(text);
    write_whole(settings_.descriptor, std::string(clear_line) + status_);
}

std::string timestamp_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    const std::time_t seconds = milliseconds / 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> buffer{};
    const std::size_t length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    std::snprintf(buffer.data() + length, buffer.size() - length, ".%03dZ", static_cast<int>(milliseconds % 1000));
    return buffer.data();
}

}  // namespace cpg

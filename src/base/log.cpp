// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/log.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/descriptor.hpp"
#include "base/enum_rows.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

struct level_look {
    std::string_view upper;
    std::string_view lower;
    std::string_view colour;
};

constexpr auto looks = std::to_array<enum_row<log_level, level_look>>({
    {log_level::debug, {"DEBUG", "debug", "\x1b[35m"}},
    {log_level::info, {"INFO", "info", "\x1b[34m"}},
    {log_level::warn, {"WARN", "warn", "\x1b[33m"}},
    {log_level::error, {"ERROR", "error", "\x1b[31m"}},
});
static_assert(are_rows_of(looks, log_level::error));

constexpr std::string_view clear_line = "\r\x1b[K";
constexpr std::string_view clear_below = "\r\x1b[J";

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
    const level_look& look = in_row(looks, level);
    std::string line = timestamp_now() + "  ";
    if (colour) line += look.colour;
    line += look.upper;
    if (colour) line += "\x1b[0m";
    line += "  " + printable(message);
    if (!fields.empty()) line += "  {" + fields_as_json(fields, ": ", ", ") + "}";
    return line += '\n';
}

// With blanks, people find in it what they find in lines of text.
std::string as_json(log_level level, std::string_view message, const log_fields& fields, bool blanks = false) {
    log_fields all = {{"ts", timestamp_now()}, {"level", in_row(looks, level).lower}, {"msg", message}};
    all.insert(all.end(), fields.begin(), fields.end());
    return "{" + fields_as_json(all, blanks ? ": " : ":", blanks ? ", " : ",") + "}\n";
}

// A pipe that has room at all has it for this much (PIPE_BUF of Linux), so that a write does not wait.
constexpr std::size_t most_at_once = 4096;

constexpr int hurried_wait_ms = 2000;

// True also for a descriptor that is closed or whose reader has gone: writing tells.
bool has_room(int descriptor, int wait_ms) {
    pollfd waited{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return descriptor >= 0 && ::poll(&waited, 1, wait_ms) > 0;
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
    put_line(line);
}

void logger::write_json(std::string_view message, const log_fields& fields) {
    put_line(as_json(log_level::info, message, fields, !settings_.json));
}

void logger::show(std::string_view lines) {
    put_line(lines);
}

void logger::put_line(std::string_view line) {
    const std::lock_guard lock(mutex_);
    put(status_.empty() ? std::string(line) : without_status() + std::string(line) + status_);
}

// A window that has become narrower shows the line in several, which terminals wrap anew; the last has the cursor.
std::string logger::without_status() const {
    const std::size_t columns = terminal_columns(settings_.descriptor).value_or(status_.size() + 1);
    const std::size_t above = status_.empty() ? 0 : (status_.size() - 1) / columns;
    if (above == 0) return std::string(clear_line);
    return "\x1b[" + std::to_string(above) + "A" + std::string(clear_below);
}

void logger::put(std::string_view line) {
    write_waiting();
    if (waiting_.size() + line.size() > most_waiting)
        ++dropped_;
    else
        waiting_ += line;
    write_waiting();
}

// A closed stderr must not stop a capture either, so what can't be written is given up.
void logger::write_waiting() {
    std::size_t done = 0;
    while (done < waiting_.size() && has_room(settings_.descriptor, 0)) {
        const std::size_t size = std::min(waiting_.size() - done, most_at_once);
        const ssize_t written =
            uninterrupted([&] { return ::write(settings_.descriptor, waiting_.data() + done, size); });
        if (written < 0 && errno == EAGAIN) break;
        done = written > 0 ? done + static_cast<std::size_t>(written) : waiting_.size();
    }
    waiting_.erase(0, settings_.descriptor >= 0 ? done : waiting_.size());
    if (!waiting_.empty() || dropped_ == 0) return;
    const log_fields fields = {{"lines", std::exchange(dropped_, 0)}};
    constexpr std::string_view message = "lines of the log are missing: nobody read them for too long";
    waiting_ = settings_.json ? as_json(log_level::warn, message, fields)
                              : as_text(log_level::warn, message, fields, settings_.colour);
    write_waiting();
}

bool logger::wait_for_room() const {
    return has_room(settings_.descriptor, hurried_ ? hurried_wait_ms : -1);
}

void logger::finish() {
    const std::lock_guard lock(mutex_);
    write_waiting();
    while (!waiting_.empty() && wait_for_room())
        write_waiting();
}

void logger::set_status(std::string text) {
    const std::lock_guard lock(mutex_);
    if (text.empty() && status_.empty()) return;
    const std::string away = without_status();
    status_ = std::move(text);
    if (waiting_.empty()) put(away + status_);
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

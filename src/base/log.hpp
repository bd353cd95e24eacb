// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What cpg says while it runs, on stderr: one line an event, as text or as JSON, and on a terminal a status line that
// is rewritten in place below the log. Any thread may write; a line is written whole. Nothing that came from a flow
// reaches the terminal with control characters in it. Nobody waits for a reader that takes no more, as a pager does on
// its first page: lines are kept, up to a bound, until there is room or the logger ends.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"

namespace cpg {

enum class log_level : std::uint8_t { debug, info, warn, error };

/// A named value of a log line, kept as the JSON it is written as.
class log_field {
  public:
    log_field(std::string_view name, std::string_view value);
    log_field(std::string_view name, const char* value) : log_field(name, std::string_view(value)) {}
    log_field(std::string_view name, const std::string& value) : log_field(name, std::string_view(value)) {}
    log_field(std::string_view name, bool value);
    log_field(std::string_view name, std::uint64_t value);
    log_field(std::string_view name, int value) : log_field(name, static_cast<std::uint64_t>(value)) {}
    log_field(std::string_view name, const std::vector<std::string>& values);
    log_field(std::string_view name, const std::map<std::string, std::uint64_t>& counts);

    const std::string& name() const { return name_; }
    const std::string& json() const { return json_; }

  private:
    std::string name_;
    std::string json_;
};

using log_fields = std::vector<log_field>;

struct log_settings {
    log_level level = log_level::info;
    bool json = false;    ///< JSON objects in place of text
    bool colour = false;  ///< colour the level name
    int descriptor = 2;   ///< where lines go; tests give a pipe or a file
};

/// Writes log lines. Owns no descriptor.
class logger {
  public:
    /// Bytes of lines kept for a reader that takes none; further lines are counted, and their number said later.
    static constexpr std::size_t most_waiting = limits::log_bytes;

    explicit logger(log_settings settings) : settings_(settings) {}
    ~logger() { finish(); }
    logger(const logger&) = delete;
    logger& operator=(const logger&) = delete;

    bool enabled(log_level level) const { return level >= settings_.level; }
    void debug(std::string_view message, const log_fields& fields = {}) { write(log_level::debug, message, fields); }
    void info(std::string_view message, const log_fields& fields = {}) { write(log_level::info, message, fields); }
    void warn(std::string_view message, const log_fields& fields = {}) { write(log_level::warn, message, fields); }
    void error(std::string_view message, const log_fields& fields = {}) { write(log_level::error, message, fields); }
    void write(log_level level, std::string_view message, const log_fields& fields);
    /// A line as JSON whatever the settings and the level, for what is there to be read by programs.
    void write_json(std::string_view message, const log_fields& fields);
    /// Lines for people as they are, whatever the level.
    void show(std::string_view lines);

    /// Waits until what is left has been written.
    void finish();
    /// From now on the end waits for two seconds at most in which nothing more could be written: somebody wants to go.
    void hurry() { hurried_ = true; }

    /// Shows `text` as the status line, or takes it away when empty. Only for a descriptor that is a terminal, and text
    /// that is narrower than it.
    void set_status(std::string text);

  private:
    void put_line(std::string_view line);
    std::string without_status() const;
    void put(std::string_view line);
    void write_waiting();
    bool wait_for_room() const;

    const log_settings settings_;
    std::atomic<bool> hurried_ = false;
    std::mutex mutex_;
    std::string status_;
    std::string waiting_;  ///< lines that there was no room for
    std::uint64_t dropped_ = 0;
};

/// Now in UTC with milliseconds: 2026-04-24T14:02:11.123Z.
std::string timestamp_now();

}  // namespace cpg

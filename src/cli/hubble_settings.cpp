// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/hubble_settings.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/error.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

std::string value_of(const std::string& variable) {
    const char* const value = std::getenv(variable.c_str());
    return value ? value : "";
}

std::string file_of(const parsed_options& options) {
    if (options.has("config")) return options.text("config");
    const std::string named = value_of(std::string(option_id("config").spec().means.environment));
    if (!named.empty()) return named;
    for (const std::filesystem::path& each : default_hubble_configs()) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(each, ignored)) return each.string();
    }
    return {};
}

// Go's strconv.ParseBool.
bool boolean(const std::string& text, const std::string& origin) {
    constexpr std::array<std::string_view, 6> yes = {"1", "t", "T", "true", "TRUE", "True"};
    constexpr std::array<std::string_view, 6> no = {"0", "f", "F", "false", "FALSE", "False"};
    if (std::ranges::find(yes, text) != yes.end()) return true;
    if (text.empty() || std::ranges::find(no, text) != no.end()) return false;
    throw usage_error(origin + " is true or false, not " + json_quote(text));
}

void part(std::string_view text, std::vector<std::string>& out) {
    constexpr std::string_view between = ", \t\n\r";
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(between), text.size());
        if (end > 0) out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

hubble_settings::hubble_settings(const parsed_options& options) : options_(options), file_(file_of(options)) {
    if (!file_.empty()) config_ = read_hubble_config(file_);
}

hubble_settings::found hubble_settings::find(option_id option) const {
    const std::string name(option.spec().name);
    const std::string variable(option.spec().means.environment);
    if (const std::string value = value_of(variable); !value.empty()) return {{value}, variable};
    const auto configured = config_.find(name);
    if (configured == config_.end() || configured->second.empty()) return {};
    return {configured->second, name + " in " + file_};
}

std::string hubble_settings::text(value_id option) const {
    if (options_.has(option)) return options_.text(option);
    const found other = find(option);
    return other.values.empty() ? std::string() : other.values.front();
}

bool hubble_settings::is_on(toggle_id option) const {
    if (options_.has(option)) return options_.is_on(option);
    const found other = find(option);
    return !other.values.empty() && boolean(other.values.front(), other.origin);
}

std::vector<std::string> hubble_settings::list(list_id option) const {
    if (options_.has(option)) return options_.list(option);
    std::vector<std::string> out;
    for (const std::string& value : find(option).values)
        part(value, out);
    return out;
}

std::string hubble_settings::origin(option_id option) const {
    if (options_.has(option)) return "--" + std::string(option.spec().name);
    return find(option).origin;
}

}  // namespace cpg

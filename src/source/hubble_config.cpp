// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/hubble_config.hpp"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <string_view>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml_guard.hpp"

namespace cpg {

namespace {

constexpr yaml_limits config_limits = {.bytes = 1U << 20U, .nodes = 10'000, .depth = 16, .first_document = true};

std::vector<std::string> values_of(const YAML::Node& node) {
    std::vector<std::string> out;
    if (node.IsScalar()) out.push_back(node.Scalar());
    if (node.IsSequence())
        for (const auto& entry : node)
            if (entry.IsScalar()) out.push_back(entry.Scalar());
    return out;
}

hubble_config parse(const std::string& text) {
    check_yaml(text, config_limits);
    const YAML::Node root = YAML::Load(text);
    hubble_config out;
    if (root.IsNull()) return out;
    if (!root.IsMap()) throw yaml_refused("its top level is not a mapping", 1, 1);
    for (const auto& entry : root)
        if (entry.first.IsScalar()) out[entry.first.Scalar()] = values_of(entry.second);
    return out;
}

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

hubble_config read_hubble_config(const std::filesystem::path& file) {
    const std::string what = "the hubble CLI's configuration " + printable(file.string());
    try {
        const auto text = read_file(file, config_limits.bytes);
        if (!text) throw fatal_error("can't read " + what + ": there is no such file");
        return parse(*text);
    } catch (const file_error& error) {
        throw fatal_error("can't read " + what + ": " + error.what());
    } catch (const yaml_refused& error) {
        throw fatal_error("can't read " + what + ": line " + std::to_string(error.line) + ": " +
                          printable(error.what()));
    } catch (const YAML::Exception& error) {
        throw fatal_error("can't read " + what + ": line " + std::to_string(error.mark.line + 1) + ": " +
                          printable(error.msg));
    }
}

// Go's os.UserConfigDir(), then the home directory (cilium:hubble/pkg/defaults).
std::vector<std::filesystem::path> default_hubble_configs() {
    std::vector<std::filesystem::path> out;
    const std::string home = variable("HOME");
    std::string config = variable("XDG_CONFIG_HOME");
    if (config.empty() && !home.empty()) config = home + "/.config";
    if (!config.empty()) out.push_back(std::filesystem::path(config) / "hubble" / "config.yaml");
    if (!home.empty()) out.push_back(std::filesystem::path(home) / ".hubble" / "config.yaml");
    return out;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The hubble CLI's configuration file: a YAML mapping from the names of its flags to their values. Any thread.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cpg {

/// By the flag's name; a value that is no list has one element.
using hubble_config = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Throws fatal_error when the file is missing, can't be read or is no mapping. What is no text, number, boolean or
/// list of such is left out.
hubble_config read_hubble_config(const std::filesystem::path& file);

/// Where the hubble CLI looks by itself, in its order.
std::vector<std::filesystem::path> default_hubble_configs();

}  // namespace cpg

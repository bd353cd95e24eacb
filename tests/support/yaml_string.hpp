// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whether YAML readers take a scalar as a string: the resolution rules of YAML 1.1 (as PyYAML, Go's yaml.v2 and
// yaml-cpp apply them) and of YAML 1.2's core schema, written out as patterns. Pure; any thread.

#include <yaml-cpp/yaml.h>

#include <string>

namespace cpg::test {

/// True when no reader takes the plain (unquoted) scalar for a boolean, null, number or time.
bool plain_reads_as_string(const std::string& text);
/// True for a quoted scalar, and for a plain one that reads as a string.
bool is_yaml_string(const YAML::Node& node);

}  // namespace cpg::test

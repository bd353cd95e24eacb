// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/yaml_string.hpp"

#include <array>
#include <regex>

namespace cpg::test {

bool plain_reads_as_string(const std::string& text) {
    static const std::array patterns = {
        std::regex("|~|null|=|<<", std::regex::icase),
        std::regex("y|n|yes|no|true|false|on|off", std::regex::icase),
        std::regex("[-+]?0b[01_]+"),
        std::regex("[-+]?0o?[0-7_]+"),
        std::regex("[-+]?[0-9][0-9_]*"),
        std::regex("[-+]?0x[0-9a-fA-F_]+"),
        std::regex("[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?"),
        std::regex("[-+]?(\\.[0-9]+|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?"),
        std::regex("[-+]?\\.inf|\\.nan", std::regex::icase),
        std::regex("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \\t].*)?"),
    };
    for (const std::regex& pattern : patterns)
        if (std::regex_match(text, pattern)) return false;
    return true;
}

bool is_yaml_string(const YAML::Node& node) {
    if (!node || !node.IsScalar()) return false;
    return node.Tag() == "!" || plain_reads_as_string(node.Scalar());
}

}  // namespace cpg::test

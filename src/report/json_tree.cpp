// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/json_tree.hpp"

#include <boost/json/serialize.hpp>
#include <string>

namespace cpg {

tree tree_of(const boost::json::value& json) {
    tree out;
    if (json.is_object()) {
        out.what = tree::kind::mapping;
        for (const auto& member : json.get_object())
            out.members.emplace_back(member.key(), tree_of(member.value()));
    } else if (json.is_array()) {
        out.what = tree::kind::sequence;
        for (const boost::json::value& each : json.get_array())
            out.items.push_back(tree_of(each));
    } else if (json.is_string()) {
        out = tree(std::string(json.get_string()));
    } else if (!json.is_null()) {
        out.what = tree::kind::scalar;
        out.scalar = boost::json::serialize(json);
    }
    return out;
}

}  // namespace cpg

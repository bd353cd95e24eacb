// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/explain_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "output/evidence_file.hpp"
#include "output/json_text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

namespace json = boost::json;

json::object document_of(const evidence& of, std::size_t most_samples) {
    json::array sessions;
    for (const evidence_session& each : of.sessions)
        sessions.push_back(session_json(each));
    json::array rules;
    for (const auto& [key, rule] : of.rules)
        rules.push_back(rule_json(key, rule, most_samples));
    return {{"policy", policy_json(of)}, {"sessions", std::move(sessions)}, {"matched_rules", std::move(rules)}};
}

tree tree_of(const json::value& of) {
    tree out;
    if (of.is_object()) {
        out.what = tree::kind::mapping;
        for (const auto& member : of.get_object())
            out.members.emplace_back(member.key(), tree_of(member.value()));
    } else if (of.is_array()) {
        out.what = tree::kind::sequence;
        for (const json::value& each : of.get_array())
            out.items.push_back(tree_of(each));
    } else if (of.is_string()) {
        out = tree(std::string(of.get_string()));
    } else if (!of.is_null()) {
        out.what = tree::kind::scalar;
        out.scalar = json::serialize(of);
    }
    return out;
}

}  // namespace

std::string explain_json(const evidence& of, std::size_t most_samples) {
    return pretty_json(document_of(of, most_samples));
}

std::string explain_yaml(const evidence& of, std::size_t most_samples) {
    return emit_block(tree_of(document_of(of, most_samples)), 0);
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/explain_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "evidence/file.hpp"
#include "evidence/json_text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

namespace json = boost::json;

json::object document_of(const evidence_document& document, std::size_t most_samples) {
    json::array sessions;
    for (const evidence_session& each : document.sessions)
        sessions.push_back(session_json(each));
    json::array rules;
    for (const auto& [key, rule] : document.rules)
        rules.push_back(rule_json(key, rule, most_samples));
    return {{"policy", policy_json(document)}, {"sessions", std::move(sessions)}, {"matched_rules", std::move(rules)}};
}

tree tree_of(const json::value& json) {
    tree out;
    if (json.is_object()) {
        out.what = tree::kind::mapping;
        for (const auto& member : json.get_object())
            out.members.emplace_back(member.key(), tree_of(member.value()));
    } else if (json.is_array()) {
        out.what = tree::kind::sequence;
        for (const json::value& each : json.get_array())
            out.items.push_back(tree_of(each));
    } else if (json.is_string()) {
        out = tree(std::string(json.get_string()));
    } else if (!json.is_null()) {
        out.what = tree::kind::scalar;
        out.scalar = json::serialize(json);
    }
    return out;
}

}  // namespace

std::string explain_json(const evidence_document& document, std::size_t most_samples) {
    return pretty_json(document_of(document, most_samples));
}

std::string explain_yaml(const evidence_document& document, std::size_t most_samples) {
    return emit_block(tree_of(document_of(document, most_samples)), 0);
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/json.hpp"

namespace cpg::k8s {

const boost::json::value* json_at(const boost::json::value& root, std::initializer_list<std::string_view> path) {
    const boost::json::value* value = &root;
    for (const std::string_view name : path) {
        const boost::json::object* object = value->if_object();
        value = object ? object->if_contains(boost::json::string_view(name.data(), name.size())) : nullptr;
        if (!value) return nullptr;
    }
    return value;
}

std::string json_text(const boost::json::value& root, std::initializer_list<std::string_view> path) {
    const boost::json::value* value = json_at(root, path);
    const boost::json::string* text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

const boost::json::array* json_list(const boost::json::value& root, std::initializer_list<std::string_view> path) {
    const boost::json::value* value = json_at(root, path);
    return value ? value->if_array() : nullptr;
}

}  // namespace cpg::k8s

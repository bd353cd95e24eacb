// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.hpp"

namespace cpg {

namespace {

template <class Range, class AppendOne>
void append_all(std::string& out, const Range& range, char open, char close, std::size_t indent, AppendOne append_one) {
    out += open;
    bool first = true;
    for (const auto& each : range) {
        out += first ? "\n" : ",\n";
        out.append(indent + 2, ' ');
        append_one(each);
        first = false;
    }
    if (!first) out.append("\n").append(indent, ' ');
    out += close;
}

}  // namespace

void append_pretty_json(std::string& out, const boost::json::value& json, std::size_t indent) {
    if (json.is_object())
        append_all(out, json.get_object(), '{', '}', indent, [&](const auto& member) {
            append_json_quoted(out, member.key());
            out += ": ";
            append_pretty_json(out, member.value(), indent + 2);
        });
    else if (json.is_array())
        append_all(out, json.get_array(), '[', ']', indent,
                   [&](const auto& item) { append_pretty_json(out, item, indent + 2); });
    else if (json.is_string())
        // Boost.JSON would pass invalid UTF-8 and what steers a terminal through.
        append_json_quoted(out, json.get_string());
    else
        out += boost::json::serialize(json);
}

std::string pretty_json(const boost::json::value& value) {
    std::string out;
    append_pretty_json(out, value, 0);
    return out + "\n";
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/json_text.hpp"

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

void append_pretty_json(std::string& out, const boost::json::value& of, std::size_t indent) {
    if (of.is_object())
        append_all(out, of.get_object(), '{', '}', indent, [&](const auto& member) {
            append_json_quoted(out, member.key());
            out += ": ";
            append_pretty_json(out, member.value(), indent + 2);
        });
    else if (of.is_array())
        append_all(out, of.get_array(), '[', ']', indent,
                   [&](const auto& item) { append_pretty_json(out, item, indent + 2); });
    else if (of.is_string())
        // Boost.JSON would pass invalid UTF-8 and what steers a terminal through.
        append_json_quoted(out, of.get_string());
    else
        out += boost::json::serialize(of);
}

std::string pretty_json(const boost::json::value& of) {
    std::string out;
    append_pretty_json(out, of, 0);
    return out + "\n";
}

}  // namespace cpg

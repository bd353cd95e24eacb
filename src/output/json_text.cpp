// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.hpp"

namespace cpg {

namespace {

void append(std::string& out, const boost::json::value& of, std::size_t indent);

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
    if (!first) out += '\n' + std::string(indent, ' ');
    out += close;
}

void append(std::string& out, const boost::json::value& of, std::size_t indent) {
    if (of.is_object())
        append_all(out, of.get_object(), '{', '}', indent, [&](const auto& member) {
            out += json_quote(member.key()) + ": ";
            append(out, member.value(), indent + 2);
        });
    else if (of.is_array())
        append_all(out, of.get_array(), '[', ']', indent, [&](const auto& item) { append(out, item, indent + 2); });
    else if (of.is_string())
        // Boost.JSON would pass invalid UTF-8 and what steers a terminal through.
        out += json_quote(of.get_string());
    else
        out += boost::json::serialize(of);
}

}  // namespace

std::string pretty_json(const boost::json::value& of) {
    std::string out;
    append(out, of, 0);
    return out + "\n";
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/wrapped_line.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/text.hpp"

namespace cpg::json {

namespace {

namespace bj = boost::json;

// A string in a string: docker's line in what fluent-bit ships to Loki.
constexpr int most_levels = 4;
// A prefix has few braces: logcli's labels, or a pod's in stern.
constexpr int most_beginnings = 4;
// Of the line, in all: hostile text may ask to be read again and again.
constexpr std::size_t most_readings = 16;

// What a line is known by; as of json_keys.
constexpr std::array<std::string_view, 8> event_members = {"flow",        "verdict",    "lost_events", "lostEvents",
                                                           "node_status", "nodeStatus", "agent_event", "debug_event"};

// What collectors say about a line. A pod's annotation may hold any text, and is not what the line says.
constexpr std::array<std::string_view, 6> metadata_members = {"kubernetes", "labels", "annotations",
                                                              "stream",     "tags",   "metadata"};

class unwrapping {
  public:
    unwrapping(std::size_t line_bytes, const event_taker& take) : take_(take), left_(line_bytes * most_readings) {}

    bool text(std::string_view text, int level) {
        text = trim(text);
        if (level >= most_levels || text.find('{') == std::string_view::npos) return false;
        if (text[0] == '{' || text[0] == '[')
            if (json(text, level)) return true;
        return prefixed(text, level);
    }

  private:
    bool may_read(std::string_view text) {
        if (text.size() > left_) return false;
        left_ -= text.size();
        return true;
    }

    bool take(std::string_view text) { return may_read(text) && take_(text); }

    bool json(std::string_view text, int level) {
        if (!may_read(text)) return false;
        bj::monotonic_resource memory;
        bj::error_code ec;
        const bj::value value = bj::parse({text.data(), text.size()}, ec, &memory);
        return !ec && walk(value, level);
    }

    // What stands behind a prefix ends with the line. Colours may follow.
    bool prefixed(std::string_view text, int level) {
        if (text.ends_with("\x1b[0m")) text.remove_suffix(4);
        std::size_t at = text.find("{\"", 1);
        for (int tries = 0; tries < most_beginnings && at != std::string_view::npos; ++tries) {
            const std::string_view rest = text.substr(at);
            if (take(rest) || json(rest, level + 1)) return true;
            at = text.find("{\"", at + 1);
        }
        return false;
    }

    bool walk(const bj::value& value, int level) {
        if (const bj::array* list = value.if_array()) return walk(*list, level);
        if (const bj::object* object = value.if_object()) return walk(*object, level);
        const bj::string* const string = value.if_string();
        if (!string || string->find('{') == bj::string::npos) return false;
        const std::string_view inner(string->data(), string->size());
        return take(trim(inner)) || text(inner, level + 1);
    }

    bool walk(const bj::array& list, int level) {
        bool found = false;
        for (const bj::value& element : list)
            found |= walk(element, level);
        return found;
    }

    bool walk(const bj::object& object, int level) {
        if (std::ranges::any_of(event_members, [&](std::string_view name) { return object.contains(name); }))
            if (take(bj::serialize(object))) return true;
        bool found = false;
        for (const bj::key_value_pair& member : object)
            if (std::ranges::find(metadata_members, std::string_view(member.key())) == metadata_members.end())
                found |= walk(member.value(), level);
        return found;
    }

    const event_taker& take_;
    std::size_t left_;
};

}  // namespace

bool unwrap(std::string_view line, const event_taker& take) {
    return unwrapping(line.size(), take).text(line, 0);
}

}  // namespace cpg::json

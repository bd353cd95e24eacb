// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/json_decoder.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <cstring>
#include <string>

#include "base/text.hpp"
#include "decode/foreign_line.hpp"
#include "decode/json_handler.hpp"
#include "decode/plain_reader.hpp"
#include "decode/wrapped_line.hpp"

namespace cpg {

namespace {

constexpr std::size_t usual_line_bytes = 1500;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// 0: it begins with none.
std::size_t line_break_of(std::string_view text) {
    if (text.starts_with('\n')) return 1;
    return text.starts_with("\r\n") ? 2 : 0;
}

}  // namespace

class json_decoder::implementation {
  public:
    implementation(decode_cache& cache, shortcuts shortcuts)
        : takes_shortcuts_(shortcuts == shortcuts::taken),
          parser_(boost::json::parse_options{}, cache.labels),
          memo_(cache.objects),
          plain_(parser_.handler(), cache.objects) {}

    // The size of the plain line that `text` begins with, one flow and nothing else, and its break; where its end is
    // need not be searched for. 0: it is to be read as any other, and nothing has come of it.
    std::size_t decode_plain_line(flow_batch& batch, std::string_view text) {
        if (!takes_shortcuts_) return 0;
        parser_.handler().begin_line(batch);
        const std::size_t size = plain_.read(text);
        not_plain_ = size == 0 ? text.data() : nullptr;
        const std::size_t line_break = line_break_of(text.substr(size));
        const bool is_alone = size > 0 && (line_break > 0 || size == text.size());
        if (!is_alone || size > json_decoder::most_line_bytes) return 0;
        if (!parser_.handler().says_event() || !parser_.handler().end_line().empty()) return 0;
        ++batch.lines;
        return size + line_break;
    }

    void decode_line(flow_batch& batch, std::string_view line, std::uint64_t number) {
        ++batch.lines;
        const std::string_view problem = problem_of(batch, line);
        if (problem.empty()) return;
        ++batch.malformed_count;
        if (batch.malformed.size() < flow_batch::most_malformed_kept)
            batch.malformed.push_back({.line = number, .problem = std::string(problem), .input = {}});
    }

  private:
    std::string_view problem_of(flow_batch& batch, std::string_view line) {
        if (line.size() > json_decoder::most_line_bytes) return "longer than 16 MiB";
        const std::string_view problem = take_values(batch, line);
        if (problem.empty() || (line[0] == '{' && parser_.handler().says_event())) return problem;
        problem_ = problem;
        if (json::unwrap(line, [&](std::string_view text) { return is_wrapped_event(batch, text); })) return {};
        const std::string_view foreign = json::foreign_format_of(line);
        return foreign.empty() ? problem_ : foreign;
    }

    // Several values may stand in a line, one behind the other.
    std::string_view take_values(flow_batch& batch, std::string_view line) {
        while (!line.empty()) {
            if (line[0] != '{' && line[0] != '[') return "not JSON (capture with `hubble observe -o jsonpb`)";
            std::size_t used = 0;
            if (const std::string_view problem = parse(batch, line, used); !problem.empty()) return problem;
            const std::string_view rest = trim(line.substr(used));
            if (!rest.empty() && rest[0] != '{') return "text behind the JSON value";
            if (may_wrap(line.substr(0, used))) return "no flow in this object";
            if (const std::string_view problem = parser_.handler().end_line(); !problem.empty()) return problem;
            line = rest;
        }
        return {};
    }

    std::string_view parse(flow_batch& batch, std::string_view text, std::size_t& used) {
        parser_.handler().begin_line(batch);
        const bool may_be_known = takes_shortcuts_ && parser_.handler().lies_in_batch(text);
        used = may_be_known && text.data() != not_plain_ ? plain_.read(text) : 0;
        if (used > 0) return {};
        parser_.reset();
        parser_.handler().begin_line(batch);
        unknown_ = {};
        boost::json::error_code ec;
        used = may_be_known ? feed_around_endpoints(text, ec) : 0;
        if (!ec && !parser_.done()) used += feed(text.substr(used), false, ec);
        if (!parser_.handler().problem().empty()) return parser_.handler().problem();
        if (ec) return syntax_problem_ = "broken JSON: " + ec.message();
        remember_endpoints();
        return {};
    }

    std::size_t feed(std::string_view text, bool more, boost::json::error_code& ec) {
        return parser_.write_some(more, text.data(), text.size(), ec);
    }

    // The parser is given `null` in place of an endpoint that is known. Both keys are found as text: in a string, which
    // escapes its quotes, they can't stand, and of other objects' members the handler says that it wants none.
    std::size_t feed_around_endpoints(std::string_view text, boost::json::error_code& ec) {
        constexpr std::array<std::string_view, 2> keys = {R"("source":{)", R"("destination":{)"};
        std::size_t used = 0;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::size_t begin = object_behind(keys[i], text, used);
            if (begin == std::string_view::npos) continue;
            used += feed(text.substr(used, begin - used), true, ec);
            if (ec || used != begin) return used;
            endpoint* const wanted = parser_.handler().wanted_endpoint();
            const std::size_t known = wanted ? memo_.recall(text.substr(begin), *wanted) : 0;
            if (wanted && known == 0) unknown_[i] = {text.substr(begin), wanted};
            if (known == 0) continue;
            parser_.handler().skip_value();
            feed("null", true, ec);
            used += known;
        }
        return used;
    }

    static std::size_t object_behind(std::string_view key, std::string_view text, std::size_t from) {
        const void* const found = ::memmem(text.data() + from, text.size() - from, key.data(), key.size());
        if (!found) return std::string_view::npos;
        return static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + key.size() - 1;
    }

    void remember_endpoints() {
        for (const unknown_endpoint& each : unknown_)
            if (each.read) memo_.remember(each.text, *each.read);
    }

    // A wrapper may have members of a bare flow (`type`, `source`), which alone are what is left of one by a field
    // mask.
    bool may_wrap(std::string_view value) const {
        return !parser_.handler().says_event() && parser_.handler().is_flow() &&
               (value.find("verdict\\\"") != std::string_view::npos ||
                value.find("flow\\\"") != std::string_view::npos || value.find("\"flow\"") != std::string_view::npos);
    }

    bool is_wrapped_event(flow_batch& batch, std::string_view text) {
        std::size_t used = 0;
        if (text.empty() || text[0] != '{' || !parse(batch, text, used).empty()) return false;
        if (!trim(text.substr(used)).empty() || !parser_.handler().says_event()) return false;
        return parser_.handler().end_line().empty();
    }

    struct unknown_endpoint {
        std::string_view text;  ///< begins with its object
        const endpoint* read = nullptr;
    };

    const bool takes_shortcuts_;
    boost::json::basic_parser<json::line_handler> parser_;
    object_memo& memo_;
    json::plain_reader plain_;
    const char* not_plain_ = nullptr;          ///< a text that the plain reader has just given up
    std::array<unknown_endpoint, 2> unknown_;  ///< of the value at hand
    std::string syntax_problem_;
    std::string problem_;
};

json_decoder::json_decoder(decode_cache& cache, shortcuts shortcuts)
    : implementation_(std::make_unique<implementation>(cache, shortcuts)) {}

json_decoder::~json_decoder() = default;

void json_decoder::decode_lines(flow_batch& batch, std::uint64_t first_line) {
    std::string_view rest = batch.bytes;
    if (first_line == 1 && rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    batch.flows.reserve(rest.size() / usual_line_bytes);
    for (std::uint64_t number = first_line; !rest.empty(); ++number) {
        if (const std::size_t size = implementation_->decode_plain_line(batch, rest); size > 0) {
            rest.remove_prefix(size);
            continue;
        }
        const std::size_t end = rest.find('\n');
        const std::string_view line = trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!line.empty()) implementation_->decode_line(batch, line, number);
    }
}

}  // namespace cpg

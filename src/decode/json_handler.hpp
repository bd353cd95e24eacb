// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The SAX handler behind json_decoder: receives the parser's events of one line and fills a flow. Private to
// decode_json. One thread at a time.

#include <array>
#include <boost/json/basic_parser.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/timestamp.hpp"
#include "decode/json_keys.hpp"
#include "flow/flow.hpp"

namespace cpg::json {

class line_handler {
  public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    using error_code = boost::json::error_code;

    explicit line_handler(label_cache& labels) : labels_(labels) {}

    /// Makes ready for the next line of `batch`.
    void begin_line(flow_batch& batch);
    /// After a line without syntax errors: adds what it was to the batch. Returns what is wrong, or nothing.
    std::string_view end_line();
    /// True when the members so far are a flow's, whole or what a field mask left of one.
    bool is_flow() const;
    /// True when a member is one that nothing but an event of Hubble has.
    bool says_event() const;
    /// What is wrong with the content, when the handler itself stopped the parser.
    std::string_view problem() const { return problem_; }

    /// False for text that was unwrapped or unescaped, and may be gone before the batch is.
    bool lies_in_batch(std::string_view text) const;
    /// Behind a key whose value is an endpoint: where to put it. Null elsewhere.
    endpoint* wanted_endpoint();
    /// The value that follows, a null, is none.
    void skip_value() { member_ = member::ignored; }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& ec);
    bool on_object_end(std::size_t, error_code&);
    bool on_array_begin(error_code& ec);
    bool on_array_end(std::size_t, error_code&);
    bool on_key_part(std::string_view text, std::size_t, error_code&);
    bool on_key(std::string_view text, std::size_t, error_code& ec);
    bool on_string_part(std::string_view text, std::size_t, error_code&);
    bool on_string(std::string_view text, std::size_t, error_code& ec);
    bool on_number_part(std::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, std::string_view, error_code& ec);
    bool on_uint64(std::uint64_t value, std::string_view, error_code& ec);
    bool on_double(double value, std::string_view, error_code& ec);
    bool on_bool(bool value, error_code& ec);
    bool on_null(error_code&);
    bool on_comment_part(std::string_view, error_code&) { return true; }
    bool on_comment(std::string_view, error_code&) { return true; }

  private:
    struct frame {
        json::scope scope = json::scope::line;
        const key_table* keys = nullptr;
        member_set seen;
    };

    bool refuse(std::string_view problem, error_code& ec);
    bool enter(scope scope);
    bool enter_protocol(l4_protocol protocol, scope scope, error_code& ec);
    bool enter_record(l7_record record, scope scope, error_code& ec);
    bool enter_endpoint(endpoint& target);
    bool store_string(std::string_view value, error_code& ec);
    bool store_enum_name(std::string_view name, error_code& ec);
    bool store_time(std::string_view text, error_code& ec);
    bool store_number(std::uint64_t value, error_code& ec);
    std::string_view copied(std::string_view text);
    std::span<const std::string_view> kept_names();
    void finish_endpoint(endpoint& target);
    void finish_flow();
    label_cache& labels_;
    flow_batch* batch_ = nullptr;
    cpg::flow flow_;
    cpg::lost_events lost_;
    cpg::node_status node_;
    std::string_view problem_;
    std::array<frame, 8> frames_;  ///< known objects nest 6 deep at the most
    std::size_t depth_ = 0;
    std::size_t ignored_depth_ = 0;
    member member_ = member::ignored;
    std::string part_;  ///< a string that comes in parts, because it has escapes
    bool in_array_ = false;
    member_set line_seen_;
    timestamp_reader times_;
    std::string_view time_text_;  ///< that was read last in this line
    std::int64_t time_ns_ = 0;    ///< what it says
    std::int64_t envelope_time_ns_ = 0;
    std::string_view envelope_node_;
    endpoint* endpoint_ = nullptr;
    std::vector<std::string_view> names_;
};

}  // namespace cpg::json

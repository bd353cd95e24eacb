// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which requests a rule lets through on its ports, once the packet is let through: HTTP by expressions, DNS by names.
// Immutable once read; any thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "enforce/known.hpp"
#include "enforce/name_pattern.hpp"
#include "request/connection.hpp"

namespace cpg {

/// An expression as Envoy matches it: RE2, and all of the text.
class whole_match {
  public:
    /// Empty matches everything. Throws std::invalid_argument with what is wrong.
    explicit whole_match(const std::string& expression);
    bool matches(const std::string& text) const;
    /// Larger than Envoy takes unless it is told otherwise (re2.max_program_size.error_level, 100).
    bool is_too_large() const;
    bool is_given() const { return compiled_ != nullptr; }
    const std::string& text() const { return text_; }

  private:
    struct compiled;
    std::string text_;
    std::shared_ptr<const compiled> compiled_;
};

struct http_rule {
    whole_match path{""};
    whole_match method{""};
    whole_match host{""};
    bool headers = false;
};

enum class request_kind : std::uint8_t {
    any,  ///< no filter: whatever is asked for
    http,
    dns,
    other,  ///< Kafka, or a parser of the proxy
};

struct request_part {
    request_kind kind = request_kind::any;
    std::vector<http_rule> http;
    std::vector<name_pattern> dns;
    bool other_rules = false;  ///< of Kafka or a parser
    std::string parser;        ///< l7proto
};

/// Of a part that is no `any`.
finding lets_through(const request_part& part, const connection_request& request);
std::string describe(const http_rule& rule);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Names outside of the cluster as toFQDNs and rules.dns write them (cilium:pkg/fqdn/matchpattern). Immutable; any
// thread.

#include <string>
#include <string_view>

namespace cpg {

class name_pattern {
  public:
    /// matchName.
    static name_pattern exactly(std::string_view name);
    /// matchPattern: `*` stands for characters of one label, `**.` at the front for one label or more, and stars alone
    /// for every name.
    static name_pattern of(std::string_view pattern);

    /// `name`: lower-case, without the trailing dot.
    bool matches(std::string_view name) const;
    /// As it was written.
    const std::string& text() const { return text_; }
    bool is_every_name() const { return every_; }

  private:
    std::string text_;
    std::string pattern_;  ///< lower-case, without the trailing dot
    bool exact_ = false;
    bool every_ = false;
    bool below_ = false;  ///< one label or more stand before `pattern_`
};

/// Characters and length that the API server takes; `stars`: in a matchPattern.
bool is_name_to_match(std::string_view text, bool stars);

}  // namespace cpg

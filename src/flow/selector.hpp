// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which labels select. The same few selectors stand in the keys of hundreds of thousands of rules, in the policies made
// of them and in what is written of them, and most comparisons are of one with itself. Values; any thread.

#include <compare>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cpg {

/// matchLabels: keys as they are written in YAML, sorted by key, at most one of each.
using selector = std::vector<std::pair<std::string, std::string>>;

/// One that copies share.
class shared_selector {
  public:
    shared_selector() = default;
    shared_selector(selector labels)  // NOLINT: it is one
        : labels_(labels.empty() ? nullptr : std::make_shared<const selector>(std::move(labels))) {}
    shared_selector(std::initializer_list<selector::value_type> labels) : shared_selector(selector(labels)) {}

    const selector& get() const { return labels_ ? *labels_ : none(); }
    operator const selector&() const { return get(); }  // NOLINT: likewise

    selector::const_iterator begin() const { return get().begin(); }
    selector::const_iterator end() const { return get().end(); }
    bool empty() const { return !labels_; }
    std::size_t size() const { return get().size(); }

    friend std::strong_ordering operator<=>(const shared_selector& a, const shared_selector& b) {
        return a.labels_ == b.labels_ ? std::strong_ordering::equal : a.get() <=> b.get();
    }
    friend bool operator==(const shared_selector& a, const shared_selector& b) {
        return a.labels_ == b.labels_ || a.get() == b.get();
    }

  private:
    static const selector& none() {
        static const selector empty;
        return empty;
    }

    std::shared_ptr<const selector> labels_;  ///< null: none
};

}  // namespace cpg

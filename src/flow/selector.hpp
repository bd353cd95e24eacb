// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which labels select. The same few selectors stand in the keys of hundreds of thousands of rules, in the policies made
// of them and in what is written of them, and most comparisons are of one with itself. Values; any thread.

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.hpp"

namespace cpg {

/// matchLabels: keys as they are written in YAML, sorted by key, at most one of each.
using selector = std::vector<std::pair<std::string, std::string>>;

/// One that copies share.
class shared_selector {
  public:
    shared_selector() = default;
    shared_selector(selector labels)  // NOLINT: it is one
        : kept_(labels.empty() ? nullptr : std::make_shared<const kept>(std::move(labels))) {}
    shared_selector(std::initializer_list<selector::value_type> labels) : shared_selector(selector(labels)) {}

    const selector& get() const { return kept_ ? kept_->labels : none(); }
    operator const selector&() const { return get(); }  // NOLINT: likewise

    selector::const_iterator begin() const { return get().begin(); }
    selector::const_iterator end() const { return get().end(); }
    bool empty() const { return !kept_; }
    std::size_t size() const { return get().size(); }
    /// Of what it says; differs between builds, never written.
    std::uint64_t hash() const { return kept_ ? kept_->hash : 0; }

    friend std::strong_ordering operator<=>(const shared_selector& a, const shared_selector& b) {
        return a.kept_ == b.kept_ ? std::strong_ordering::equal : a.get() <=> b.get();
    }
    friend bool operator==(const shared_selector& a, const shared_selector& b) {
        return a.kept_ == b.kept_ || (a.hash() == b.hash() && a.get() == b.get());
    }

  private:
    struct kept {
        explicit kept(selector of) : labels(std::move(of)) {
            for (const auto& [key, value] : labels)
                hash = mixed(mixed(hash, key), value);
        }

        selector labels;
        std::uint64_t hash = 1;
    };

    static const selector& none() {
        static const selector empty;
        return empty;
    }

    std::shared_ptr<const kept> kept_;  ///< null: none
};

}  // namespace cpg

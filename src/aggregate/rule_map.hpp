// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The rules of a workload by their keys: found by hash, and put in order once, when they are written. In a tree each
// new rule is compared with a dozen others all over the memory. One thread at a time; sorted() from several.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "aggregate/rule_state.hpp"
#include "request/rule_key.hpp"

namespace cpg {

/// A key in little memory: most are of pods, and about no request, and there are hundreds of thousands. Ordered as the
/// keys are.
class packed_key {
  public:
    explicit packed_key(rule_key key);

    rule_key get() const;
    bool is(const rule_key& key) const;
    std::strong_ordering operator<=>(const packed_key& other) const;

  private:
    struct names {
        std::string name;
        std::vector<std::string> all;

        auto operator<=>(const names&) const = default;
    };

    static const names& no_names();
    static const l7_match& no_match();
    const names& names_or_none() const { return names_ ? *names_ : no_names(); }
    const l7_match& match_or_none() const { return match_ ? *match_ : no_match(); }

    shared_selector labels_;
    std::unique_ptr<const names> names_;     ///< of the peer; null: none
    std::unique_ptr<const l7_match> match_;  ///< null: none
    cpg::direction direction_;
    peer_kind kind_;
    l4_protocol protocol_;
    std::uint16_t port_;
};

class rule_map {
  public:
    struct entry {
        entry(rule_key of, std::size_t most_samples) : key(std::move(of)), state(most_samples) {}

        const packed_key key;
        rule_state state;
    };

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    /// The rule, and whether it is new. Its place stays to the end of this object, or until it is left out.
    std::pair<rule_state&, bool> try_emplace(rule_key key, std::size_t most_samples);
    /// In the order of their keys.
    std::vector<const entry*> sorted() const;
    /// For good: what comes later has none either.
    void forget_samples();
    /// Leaves out those last in order.
    void keep_first(std::size_t most);

  private:
    // Empty where `number` is 0: else it is the entry's, counted from 1.
    struct slot {
        std::uint32_t hash = 0;
        std::uint32_t number = 0;
    };

    slot& free_slot(std::uint32_t hash);
    entry* find(std::uint32_t hash, const rule_key& key);
    void grow();

    std::vector<std::unique_ptr<entry>> entries_;
    std::vector<slot> slots_;  ///< a power of two, at most two thirds full
};

}  // namespace cpg

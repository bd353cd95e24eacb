// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A label selector as Cilium reads it: keys with their sources, and what the agent adds to them. Immutable once read;
// any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "enforce/identity.hpp"
#include "enforce/known.hpp"
#include "enforce/reading.hpp"

namespace cpg {

/// A key with its source: `any`, `k8s`, `reserved`, …
struct selector_key {
    std::string source;
    std::string key;

    auto operator<=>(const selector_key&) const = default;
};

/// Stands for the cluster of the policy, which a file does not tell: the one of the pod that it is asked for.
inline constexpr std::string_view own_cluster = "\x01own";

/// As a CiliumNetworkPolicy writes it: the text before the first ':' is the source, without one it is `any`
/// (cilium:pkg/labels/labels.go GetExtendedKeyFrom).
selector_key read_selector_key(std::string_view text);

struct label_requirement {
    enum class test : std::uint8_t { in, not_in, exists, absent };

    selector_key key;
    test how = test::exists;
    std::vector<std::string> values;
    bool is_label = false;  ///< of matchLabels, where a later one takes its place

    auto operator<=>(const label_requirement&) const = default;
};

class label_selector {
  public:
    /// matchLabels is a map of extended keys: a label given twice is the one given last.
    void set_label(selector_key key, std::string value);
    /// Another value that the label may have.
    void allow_either(const selector_key& key, std::string value);
    void add(label_requirement requirement);

    bool has_key(const selector_key& key) const;
    bool has_source(std::string_view source) const;
    bool has_key_that_begins(std::string_view prefix) const;
    /// Everybody, whoever it is.
    bool is_wildcard() const { return all_.empty(); }
    const std::vector<label_requirement>& requirements() const { return all_; }

    finding matches(const identity& who) const;
    /// How many requirements do not hold, and the first of them as text; for saying what is near.
    std::vector<const label_requirement*> failing(const identity& who) const;
    /// The same for selectors that mean the same.
    std::string text() const;

  private:
    std::vector<label_requirement> all_;
};

/// `app=x`, `tier in (a, b)`, for people.
std::string describe(const label_requirement& requirement);

enum class selector_dialect : std::uint8_t {
    cilium,      ///< keys with sources
    kubernetes,  ///< keys are labels of pods
};

/// Reads `matchLabels` and `matchExpressions`. What Cilium or the API server refuses is told to `reading`.
/// `prefix` is put before each key, as for labels of a namespace.
label_selector read_label_selector(const tree& selector, selector_dialect dialect, reading& reading,
                                   std::string_view prefix = {});

}  // namespace cpg

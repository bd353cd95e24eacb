// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The labels of an endpoint, read once and kept: which selector they make, which workload name, which reserved
// identities they name. The same few label sets repeat in millions of flows, so label_table hands out one
// immutable label_set for each distinct list of labels. A label_set may be read from any thread.

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/text_list.hpp"
#include "flow/selector.hpp"

namespace cpg {

/// Labels that Cilium adds to each pod (cilium:pkg/k8s/apis/cilium.io/const.go).
inline constexpr std::string_view namespace_label = "io.kubernetes.pod.namespace";
inline constexpr std::string_view cluster_label = "io.cilium.k8s.policy.cluster";

/// Cilium's reserved identities, in the order of precedence in which they name a peer
/// (cilium:pkg/identity/numericidentity.go).
enum class reserved_identity : std::uint8_t {
    none,
    kube_apiserver,
    host,
    remote_node,
    health,
    ingress,
    init,
    unmanaged,
    unknown,
    world,
};

/// The name without `reserved:`, e.g. `kube-apiserver`.
std::string_view to_string(reserved_identity identity);
/// The identity with this number; `none` for a pod's (0 is `unknown`). Node-local CIDR identities
/// (16777216 and above) are `world`, node-local node identities (33554432 and above) `remote_node`.
reserved_identity reserved_identity_of_number(std::uint32_t number);

/// Why a label set selects nothing.
enum class selector_fault : std::uint8_t { none, no_usable_labels, invalid_label };

struct label_set {
    text_list raw;             ///< as Hubble printed them
    shared_selector selector;  ///< empty when `fault` is set
    selector_fault fault = selector_fault::no_usable_labels;
    std::string workload;                                  ///< RFC 1123 name of what `selector` selects
    std::string pod_namespace;                             ///< from io.kubernetes.pod.namespace
    std::string cluster;                                   ///< from io.cilium.k8s.policy.cluster
    reserved_identity reserved = reserved_identity::none;  ///< the first in precedence, `none` without one
    bool kept = false;                                     ///< lives as long as the table: its address is a key
    std::uint32_t number = 0;                              ///< of a kept one, in its table; below its most_sets
    bool invalid_place = false;                            ///< a namespace or cluster that can't be one's name
    std::uint64_t hash = 0;                                ///< of `raw`; differs between builds, never written
    std::uint64_t place_hash = 0;                          ///< place_hash_of() namespace and selector
    /// Of a kept one: the first that was kept with this selector, namespace and cluster. Pods of a workload mostly
    /// differ in labels that select nothing.
    const label_set* kin = nullptr;
};

/// The same in every build and on every machine.
std::uint64_t place_hash_of(std::string_view pod_namespace, const selector& labels);

/// Which labels select: the first entry whose keys a pod has all of; without such, all usable labels.
using selecting_keys = std::vector<std::vector<std::string>>;
/// `app.kubernetes.io/name`, then `app`.
const selecting_keys& default_selecting_keys();

/// Reads a list of Hubble labels (`[source:]key[=value]`; first ':' and first '=' split).
label_set read_labels(std::span<const std::string_view> raw,
                      const selecting_keys& select_by = default_selecting_keys());

/// The RFC 1123 name of a workload with this selector: its value, or its values joined with '-'; with the first 8
/// hex digits of a hash behind it where that had to be changed to be a name.
std::string workload_name(const selector& selector);
/// `base` cut as needed, with a hash of `identity` behind it; at most 63 characters.
std::string hashed_name(std::string_view base, std::string_view identity);
/// `app=x,tier=y`, for people.
std::string to_string(const selector& selector);
/// The labels of a pod that don't change with every run, by their bare keys, sorted, without namespace and cluster.
selector pod_labels(const label_set& pod);
/// True for a key that a selector may have, by the length and characters that Cilium allows.
bool is_valid_label_key(std::string_view key);
bool is_valid_label_value(std::string_view value);
/// True for keys that are cluster-internal or change with every run, and so may never be in a selector.
/// `all_keys`: those of the pod.
bool is_unusable_label_key(std::string_view key, std::span<const std::string_view> all_keys = {});

/// One label_set for each distinct list. Any thread; a lock is taken only for lists that the caller's cache lacks.
class label_table {
  public:
    /// Lists beyond this many are read anew each time instead of being kept.
    static constexpr std::size_t most_sets = limits::label_sets;

    explicit label_table(selecting_keys select_by = default_selecting_keys()) : select_by_(std::move(select_by)) {}

    const selecting_keys& select_by() const { return select_by_; }
    /// The shared set, or nothing when the table is full.
    const label_set* intern(std::uint64_t hash, std::span<const std::string_view> raw);
    bool full() const;
    /// What is kept, in no order. The sets live as long as the table.
    std::vector<const label_set*> all() const;

  private:
    void find_kin(label_set& set);

    const selecting_keys select_by_;
    mutable std::mutex mutex_;
    std::unordered_multimap<std::uint64_t, std::unique_ptr<const label_set>> sets_;
    std::unordered_multimap<std::uint64_t, const label_set*> kin_;
};

/// A thread's own view of a label_table: hits take no lock and allocate nothing. One thread at a time.
class label_cache {
  public:
    explicit label_cache(label_table& table) : table_(table) {}
    /// The set for this list. It lives as long as the table, or, once that is full, as long as `overflow`.
    const label_set* find(std::span<const std::string_view> raw, std::deque<label_set>& overflow);

  private:
    struct slot {
        std::uint64_t hash = 0;
        const label_set* set = nullptr;
    };

    // A set has its place among a few in one line of memory: with a single place for each, of 20,000 sets every fifth
    // pushed another one out.
    static constexpr std::size_t ways = 4;
    // As large as the sets need that one thread meets, up to a bound.
    static constexpr std::size_t least_slots = 1024;
    static constexpr std::size_t most_slots = 65'536;

    void keep(std::uint64_t hash, const label_set& set);
    std::span<slot> places_of(std::uint64_t hash);

    label_table& table_;
    std::vector<slot> slots_ = std::vector<slot>(least_slots);  ///< a power of two
    std::size_t used_ = 0;
};

}  // namespace cpg

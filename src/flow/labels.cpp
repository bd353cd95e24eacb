// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/labels.hpp"

#include <algorithm>
#include <array>

#include "base/digest.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

struct label {
    std::string_view source;
    std::string_view key;
    std::string_view value;
};

label parse_label(std::string_view text) {
    label out;
    const std::size_t colon = text.find(':');
    const std::size_t equals = text.find('=');
    if (colon != std::string_view::npos && (equals == std::string_view::npos || colon < equals)) {
        out.source = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    const std::size_t split_at = text.find('=');
    out.key = text.substr(0, split_at);
    if (split_at != std::string_view::npos) out.value = text.substr(split_at + 1);
    return out;
}

struct reserved_name {
    std::string_view name;
    reserved_identity identity;
};

// Labels of dual-stack clusters name the family; both are the world (cilium:pkg/labels/cidr.go).
constexpr std::array reserved_names = {
    reserved_name{"kube-apiserver", reserved_identity::kube_apiserver},
    reserved_name{"host", reserved_identity::host},
    reserved_name{"remote-node", reserved_identity::remote_node},
    reserved_name{"health", reserved_identity::health},
    reserved_name{"ingress", reserved_identity::ingress},
    reserved_name{"init", reserved_identity::init},
    reserved_name{"unmanaged", reserved_identity::unmanaged},
    reserved_name{"unknown", reserved_identity::unknown},
    reserved_name{"world", reserved_identity::world},
    reserved_name{"world-ipv4", reserved_identity::world},
    reserved_name{"world-ipv6", reserved_identity::world},
};

reserved_identity reserved_identity_of(const label& label) {
    // A CIDR or FQDN identity is an address outside the cluster, whatever other label it carries.
    if (label.source == "cidr" || label.source == "cidrgroup" || label.source == "fqdn")
        return reserved_identity::world;
    if (label.source != "reserved") return reserved_identity::none;
    for (const reserved_name& known : reserved_names)
        if (known.name == label.key) return known.identity;
    return reserved_identity::unknown;
}

// Unset (none) gives way to everything; otherwise the lower one in the enum's order wins.
reserved_identity stronger(reserved_identity a, reserved_identity b) {
    if (a == reserved_identity::none) return b;
    if (b == reserved_identity::none) return a;
    return std::min(a, b);
}

bool is_label_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

// (([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])? - the CRD's pattern of a label value, and of a key's name part.
bool is_label_text(std::string_view text) {
    const auto alphanumeric = [](char c) { return is_label_character(c) && c != '-' && c != '_' && c != '.'; };
    return text.empty() ||
           (alphanumeric(text.front()) && alphanumeric(text.back()) && std::ranges::all_of(text, is_label_character));
}

bool is_valid(const label& label) {
    return is_valid_label_key(label.key) && is_valid_label_value(label.value);
}

std::vector<label> usable_labels(const std::vector<label>& labels) {
    std::vector<std::string_view> keys;
    for (const label& each : labels)
        keys.push_back(each.key);
    std::vector<label> out;
    for (const label& candidate : labels)
        if (candidate.source == "k8s" && !is_unusable_label_key(candidate.key, keys)) out.push_back(candidate);
    std::ranges::sort(out, {}, &label::key);
    return out;
}

// The labels with these keys, all of them or none.
std::vector<label> labels_with(const std::vector<std::string>& keys, const std::vector<label>& usable) {
    std::vector<label> out;
    for (const std::string& key : keys) {
        const auto found = std::ranges::find(usable, key, &label::key);
        if (found == usable.end()) return {};
        out.push_back(*found);
    }
    std::ranges::sort(out, {}, &label::key);
    return out;
}

std::vector<label> selecting_labels(const std::vector<label>& usable, const selecting_keys& select_by) {
    for (const std::vector<std::string>& keys : select_by)
        if (std::vector<label> found = labels_with(keys, usable); !found.empty()) return found;
    return usable;
}

// Written bare, `reserved.x` would be read as the label `x` of source `reserved`
// (cilium:pkg/labels/labels.go parseSource).
std::string selector_key(std::string_view key) {
    return (key.starts_with("reserved.") ? "k8s:" : "") + std::string(key);
}

void fill_selector(label_set& set, const std::vector<label>& labels, const selecting_keys& select_by) {
    const std::vector<label> chosen = selecting_labels(usable_labels(labels), select_by);
    if (chosen.empty()) return;
    set.fault = selector_fault::invalid_label;
    const bool repeated = std::ranges::adjacent_find(chosen, {}, &label::key) != chosen.end();
    if (repeated || !std::ranges::all_of(chosen, is_valid)) return;
    set.fault = selector_fault::none;
    selector read;
    for (const label& part : chosen)
        read.emplace_back(selector_key(part.key), part.value);
    std::ranges::sort(read);
    set.selector = std::move(read);
    set.workload = workload_name(set.selector);
}

std::uint64_t hash_of(std::span<const std::string_view> raw) {
    std::uint64_t hash = raw.size();
    for (const std::string_view text : raw)
        hash = mixed(hash, text);
    return hash;
}

std::string as_name(std::string_view text) {
    std::string out = lower(text);
    std::ranges::replace_if(
        out, [](char c) { return !is_dns_label(std::string_view(&c, 1)) && c != '-'; }, '-');
    const std::size_t first = out.find_first_not_of('-');
    return first == std::string::npos ? "" : out.substr(first, out.find_last_not_of('-') - first + 1);
}

}  // namespace

// The agent adds `any.` to a bare key before it checks the length: 59 characters are left of 63 without a prefix,
// 249 of the 253 of a prefix (cilium:pkg/policy/api/selector.go).
bool is_valid_label_key(std::string_view key) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return !key.empty() && key.size() <= 59 && is_label_text(key);
    const std::string_view prefix = key.substr(0, slash);
    const std::string_view name = key.substr(slash + 1);
    return prefix.size() <= 249 && is_dns_subdomain(prefix) && !name.empty() && name.size() <= 63 &&
           is_label_text(name);
}

bool is_valid_label_value(std::string_view value) {
    constexpr std::size_t most_bytes = 63;
    return value.size() <= most_bytes && is_label_text(value);
}

std::string_view to_string(reserved_identity identity) {
    for (const reserved_name& known : reserved_names)
        if (known.identity == identity) return known.name;
    return "none";
}

reserved_identity reserved_identity_of_number(std::uint32_t number) {
    using enum reserved_identity;
    constexpr std::array low = {unknown,     host,           world,   unmanaged, health, init,
                                remote_node, kube_apiserver, ingress, world,     world};
    if (number < low.size()) return low[number];
    if (number >= 33554432) return remote_node;
    return number >= 16777216 ? world : none;
}

std::string hashed_name(std::string_view base, std::string_view identity) {
    constexpr std::size_t room = 63 - 1 - 8;
    std::string name = as_name(base.substr(0, room));
    if (name.empty()) name = "workload";
    return name + "-" + sha256_hex(identity).substr(0, 8);
}

selector pod_labels(const label_set& pod) {
    std::vector<label> labels;
    for (const std::string_view text : pod.raw)
        labels.push_back(parse_label(text));
    selector out;
    for (const label& each : usable_labels(labels))
        out.emplace_back(each.key, each.value);
    return out;
}

std::string workload_name(const selector& selector) {
    std::string joined;
    for (const auto& [key, value] : selector)
        joined += (joined.empty() ? "" : "-") + value;
    return is_dns_label(joined) ? joined : hashed_name(joined, to_string(selector));
}

std::string to_string(const selector& selector) {
    std::string out;
    for (const auto& [key, value] : selector)
        out += (out.empty() ? "" : ",") + key + "=" + value;
    return out;
}

const selecting_keys& default_selecting_keys() {
    static const selecting_keys keys = {{"app.kubernetes.io/name"}, {"app"}};
    return keys;
}

std::uint64_t place_hash_of(std::string_view pod_namespace, const selector& labels) {
    std::uint64_t hash = lasting_hash(pod_namespace);
    for (const auto& [key, value] : labels)
        hash = mixed(mixed(hash, lasting_hash(key)), lasting_hash(value));
    return hash;
}

label_set read_labels(std::span<const std::string_view> raw, const selecting_keys& select_by) {
    label_set set;
    set.hash = hash_of(raw);
    set.raw = text_list(raw);
    std::vector<label> labels;
    for (const std::string_view text : raw) {
        labels.push_back(parse_label(text));
        const label& last = labels.back();
        set.reserved = stronger(set.reserved, reserved_identity_of(last));
        if (last.source == "k8s" && last.key == namespace_label) set.pod_namespace = last.value;
        if (last.source == "k8s" && last.key == cluster_label) set.cluster = last.value;
    }
    fill_selector(set, labels, select_by);
    set.invalid_place = (!set.pod_namespace.empty() && !is_dns_label(set.pod_namespace)) ||
                        (!set.cluster.empty() && !is_dns_subdomain(set.cluster));
    set.place_hash = place_hash_of(set.pod_namespace, set.selector);
    return set;
}

const label_set* label_table::intern(std::uint64_t hash, std::span<const std::string_view> raw) {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = sets_.equal_range(hash);
    for (auto it = first; it != last; ++it)
        if (std::ranges::equal(it->second->raw, raw)) return it->second.get();
    if (sets_.size() >= most_sets) return nullptr;
    auto set = std::make_unique<label_set>(read_labels(raw, select_by_));
    set->kept = true;
    set->number = static_cast<std::uint32_t>(sets_.size());
    find_kin(*set);
    return sets_.emplace(hash, std::move(set))->second.get();
}

void label_table::find_kin(label_set& set) {
    std::uint64_t hash = mixed(hash_of_text(set.pod_namespace), set.cluster);
    for (const auto& [key, value] : set.selector)
        hash = mixed(mixed(hash, key), value);
    const auto [first, last] = kin_.equal_range(hash);
    const auto found = std::find_if(first, last, [&](const auto& each) {
        const label_set& known = *each.second;
        return known.selector == set.selector && known.pod_namespace == set.pod_namespace &&
               known.cluster == set.cluster;
    });
    set.kin = found != last ? found->second : kin_.emplace(hash, &set)->second;
    set.selector = set.kin->selector;
}

std::vector<const label_set*> label_table::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<const label_set*> out;
    out.reserve(sets_.size());
    for (const auto& [hash, set] : sets_)
        out.push_back(set.get());
    return out;
}

bool label_table::full() const {
    const std::lock_guard lock(mutex_);
    return sets_.size() >= most_sets;
}

void label_cache::keep(std::uint64_t hash, const label_set& set) {
    if (2 * used_ > slots_.size() && slots_.size() < most_slots) {
        used_ = 0;
        for (const slot& each : std::exchange(slots_, std::vector<slot>(2 * slots_.size())))
            if (each.set) keep(each.hash, *each.set);
    }
    const std::span<slot> places = places_of(hash);
    const auto free = std::ranges::find(places, nullptr, &slot::set);
    slot& place = free == places.end() ? places[(hash >> 32) % ways] : *free;
    if (!place.set) ++used_;
    place = {hash, &set};
}

std::span<label_cache::slot> label_cache::places_of(std::uint64_t hash) {
    return std::span(slots_).subspan(hash % slots_.size() / ways * ways, ways);
}

const label_set* label_cache::find(std::span<const std::string_view> raw, std::deque<label_set>& overflow) {
    const std::uint64_t hash = hash_of(raw);
    for (const slot& place : places_of(hash))
        if (place.set && place.hash == hash && std::ranges::equal(place.set->raw, raw)) return place.set;
    if (const label_set* set = table_.intern(hash, raw)) {
        keep(hash, *set);
        return set;
    }
    return &overflow.emplace_back(read_labels(raw, table_.select_by()));
}

}  // namespace cpg

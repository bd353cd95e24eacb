// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/common_labels.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace cpg {

namespace {

constexpr std::string_view pod_source = "k8s:";
// Helm releases and parts of an application, which one name may cover.
constexpr std::array<std::string_view, 2> compared_keys = {"app.kubernetes.io/instance", "app.kubernetes.io/component"};

selector labels_of(const label_set& pod) {
    selector out;
    for (const std::string_view raw : pod.raw) {
        if (!raw.starts_with(pod_source)) continue;
        const std::string_view text = raw.substr(pod_source.size());
        const std::size_t equals = std::min(text.find('='), text.size());
        const std::string_view key = text.substr(0, equals);
        if (key != namespace_label) out.emplace_back(key, text.substr(std::min(equals + 1, text.size())));
    }
    std::ranges::sort(out);
    return out;
}

// The table's own, which outlives every set of labels.
std::optional<std::string_view> compared_key(std::string_view key) {
    const auto found = std::ranges::find(compared_keys, key);
    return found == compared_keys.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

void common_labels::compare(const selector& pod) {
    for (const std::string_view key : compared_keys)
        for (const auto& [name, value] : pod)
            if (name == key && first_.try_emplace(key, value).first->second != value) differing_.insert(key);
}

bool common_labels::add(const label_set& pod) {
    if (last_ == &pod && pod.kept) return false;
    last_ = &pod;
    selector labels = labels_of(pod);
    compare(labels);
    if (!any_) {
        any_ = true;
        labels_ = std::move(labels);
        return false;
    }
    selector both;
    std::ranges::set_intersection(labels_, labels, std::back_inserter(both));
    const bool fewer = both.size() < labels_.size();
    labels_ = std::move(both);
    return fewer;
}

void common_labels::add(const common_labels& other) {
    for (const auto& [key, value] : other.first_)
        if (first_.try_emplace(key, value).first->second != value) differing_.insert(key);
    differing_.insert(other.differing_.begin(), other.differing_.end());
    if (!other.any_) return;
    if (!any_) {
        any_ = true;
        labels_ = other.labels_;
        return;
    }
    selector both;
    std::ranges::set_intersection(labels_, other.labels_, std::back_inserter(both));
    labels_ = std::move(both);
}

// Which pod came first decides nothing but the value of a label in which they differ.
std::map<std::string_view, std::string> common_labels::shared() const {
    std::map<std::string_view, std::string> out = first_;
    for (const std::string_view key : differing_)
        out.erase(key);
    return out;
}

common_labels common_labels::of(selector labels, const selector& shared, const std::vector<std::string>& differing) {
    common_labels out;
    out.any_ = true;
    out.labels_ = std::move(labels);
    std::ranges::sort(out.labels_);
    for (const auto& [name, value] : shared)
        if (const auto key = compared_key(name)) out.first_.try_emplace(*key, value);
    for (const std::string& name : differing)
        if (const auto key = compared_key(name)) out.differing_.insert(*key);
    return out;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/common_labels.hpp"

#include <algorithm>
#include <array>
#include <iterator>

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

}  // namespace cpg

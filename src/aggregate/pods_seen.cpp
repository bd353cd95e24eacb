// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/pods_seen.hpp"

#include "base/keep_first.hpp"
#include "base/limits.hpp"

namespace cpg {

const std::string* pod_texts::find(const label_set& pod) {
    if (!pod.kept) return nullptr;
    const auto [at, is_new] = by_set_.try_emplace(&pod, nullptr);
    if (is_new) at->second = &*texts_.insert(to_string(pod_labels(pod))).first;
    return at->second;
}

void pods_seen::add(const std::string* pod) {
    if (!pod || pod == one_) return;
    if (!one_) {
        one_ = pod;
        return;
    }
    if (!several_) several_ = std::make_unique<std::set<const std::string*, by_text>>();
    several_->insert({one_, pod});
    keep_first(*several_, limits::pods_of_a_rule);
}

std::set<std::string> pods_seen::list() const {
    std::set<std::string> out;
    if (several_)
        for (const std::string* each : *several_)
            out.insert(*each);
    else if (one_)
        out.insert(*one_);
    return out;
}

}  // namespace cpg

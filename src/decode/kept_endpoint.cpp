// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/kept_endpoint.hpp"

#include <algorithm>
#include <functional>

namespace cpg {

namespace {

constexpr std::array texts = {&endpoint::pod_namespace, &endpoint::pod_name, &endpoint::workload, &endpoint::cluster};

// Text with escapes was written anew elsewhere.
bool lies_in(std::string_view outer, std::string_view text) {
    const std::less_equal<> before;
    return text.empty() ||
           (before(outer.data(), text.data()) && before(text.data() + text.size(), outer.data() + outer.size()));
}

}  // namespace

bool kept_endpoint::can_keep(std::string_view bytes, const endpoint& read) {
    return !bytes.empty() && bytes.size() <= most_bytes && read.labels && read.labels->kept &&
           std::ranges::all_of(texts, [&](const auto text) { return lies_in(bytes, read.*text); });
}

void kept_endpoint::keep(std::string_view bytes, const endpoint& read) {
    bytes_.assign(bytes);
    labels_ = read.labels;
    identity_ = read.identity;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string_view text = read.*texts[i];
        const auto offset = text.empty() ? 0 : text.data() - bytes.data();
        texts_[i] = {static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(text.size())};
    }
}

void kept_endpoint::give(std::string_view bytes, endpoint& out) const {
    out.present = true;
    out.identity = identity_;
    out.labels = labels_;
    for (std::size_t i = 0; i < texts.size(); ++i)
        out.*texts[i] = bytes.substr(texts_[i].offset, texts_[i].size);
}

}  // namespace cpg

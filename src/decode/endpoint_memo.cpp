// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/endpoint_memo.hpp"

#include <functional>

namespace cpg {

namespace {

constexpr std::array texts = {&endpoint::pod_namespace, &endpoint::pod_name, &endpoint::workload, &endpoint::cluster};

}  // namespace

std::size_t endpoint_memo::place_of(std::string_view bytes) {
    return std::hash<std::string_view>{}(bytes) % places;
}

bool endpoint_memo::recall(std::string_view bytes, endpoint& out) const {
    if (bytes.empty()) return false;
    const entry& found = entries_[place_of(bytes)];
    if (found.bytes != bytes) return false;
    out.present = true;
    out.identity = found.identity;
    out.labels = found.labels;
    for (std::size_t i = 0; i < texts.size(); ++i)
        out.*texts[i] = bytes.substr(found.texts[i].offset, found.texts[i].size);
    return true;
}

void endpoint_memo::remember(std::string_view bytes, const endpoint& read) {
    if (bytes.empty() || bytes.size() > most_bytes || !read.labels->kept) return;
    entry& place = entries_[place_of(bytes)];
    place.bytes.assign(bytes);
    place.labels = read.labels;
    place.identity = read.identity;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string_view text = read.*texts[i];
        const auto offset = text.empty() ? 0 : text.data() - bytes.data();
        place.texts[i] = {static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(text.size())};
    }
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/identity.hpp"

#include <algorithm>

namespace cpg {

namespace {

// cilium:pkg/defaults ClusterName.
constexpr std::string_view default_cluster = "default";
constexpr std::string_view namespace_labels = "io.cilium.k8s.namespace.labels.";

identity_label read(std::string_view text) {
    identity_label out;
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && colon < text.find('=')) {
        out.source = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    const std::size_t equals = text.find('=');
    out.key = text.substr(0, equals);
    if (equals != std::string_view::npos) out.value = text.substr(equals + 1);
    return out;
}

}  // namespace

identity::identity(const connection_end& end, std::string_view home, std::optional<cpg::address> address)
    : end_(&end),
      pod_namespace_(end.pod_namespace),
      home_(home),
      cluster_(end.cluster.empty() ? home : std::string_view(end.cluster)),
      is_world_(end.reserved == reserved_identity::world),
      address_(address) {
    for (const std::string& each : end.labels)
        add(each);
    if (!is_pod()) return;
    // The agent puts both on every pod's identity; a label filter or a field mask may have cut them.
    if (!find("k8s", namespace_label)) labels_.push_back({"k8s", namespace_label, pod_namespace_});
    if (!find("k8s", cluster_label)) labels_.push_back({"k8s", cluster_label, cluster_});
}

void identity::add(std::string_view text) {
    const identity_label label = read(text);
    labels_.push_back(label);
    if (label.source == "cidr" || (label.source == "reserved" && label.key.starts_with("world"))) is_world_ = true;
    if (label.source == "k8s" && label.key.starts_with(namespace_labels)) has_namespace_labels_ = true;
}

const std::string_view* identity::find(std::string_view source, std::string_view key) const {
    const auto found = std::ranges::find_if(labels_, [&](const identity_label& each) {
        return each.key == key && (source == "any" || each.source == source);
    });
    return found == labels_.end() ? nullptr : &found->value;
}

std::string_view home_cluster(const connection& connection) {
    if (!connection.subject->cluster.empty()) return connection.subject->cluster;
    if (!connection.peer->cluster.empty()) return connection.peer->cluster;
    return default_cluster;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// An end of a connection as Cilium's policy engine knows it: a security identity, which is a set of labels. Immutable
// once made; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "request/connection.hpp"

namespace cpg {

struct identity_label {
    std::string_view source;  ///< `k8s`, `reserved`, …
    std::string_view key;
    std::string_view value;
};

/// Points into the end that it was made of.
class identity {
  public:
    /// `home`: the cluster of an end that does not say its own.
    identity(const connection_end& end, std::string_view home, std::optional<cpg::address> address = std::nullopt);

    /// The value of the label; source `any` stands for every source (cilium:pkg/labels/labels.go HasKey). Null
    /// without one.
    const std::string_view* find(std::string_view source, std::string_view key) const;
    bool has_reserved(std::string_view name) const { return find("reserved", name) != nullptr; }
    bool is_pod() const { return !pod_namespace_.empty() && end_->reserved == reserved_identity::none; }
    /// Outside of the cluster: what prefixes and names select.
    bool is_world() const { return is_world_; }
    bool has_labels() const { return end_->has_labels; }
    /// It may have labels that are not known.
    bool may_have_more_labels() const { return end_->more_labels; }
    /// The agent could not say who it is: it may be anybody.
    bool is_nobody_known() const { return !has_labels() && !is_pod(); }
    bool has_namespace_labels() const { return has_namespace_labels_; }
    const std::optional<cpg::address>& address() const { return address_; }
    std::string_view pod_namespace() const { return pod_namespace_; }
    std::string_view cluster() const { return cluster_; }
    /// The cluster that is asked about.
    std::string_view home() const { return home_; }

  private:
    void add(std::string_view text);

    const connection_end* end_;
    std::string_view pod_namespace_;
    std::string_view home_;
    std::string_view cluster_;
    std::vector<identity_label> labels_;
    bool is_world_ = false;
    bool has_namespace_labels_ = false;
    std::optional<cpg::address> address_;
};

/// The cluster of the policies that are asked: the subject's, else the peer's, else Cilium's default name.
std::string_view home_cluster(const connection& connection);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/read_policies.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

constexpr std::string_view cilium_version = "cilium.io/v2";
constexpr std::string_view kubernetes_version = "networking.k8s.io/v1";

struct known_kind {
    policy_kind kind;
    std::string_view version;
};

std::optional<known_kind> kind_of(const tree& document) {
    const std::string_view name = document.text_of("kind");
    for (const policy_kind kind : {policy_kind::cilium, policy_kind::cilium_clusterwide, policy_kind::kubernetes}) {
        const std::string_view version = kind == policy_kind::kubernetes ? kubernetes_version : cilium_version;
        // Another group's NetworkPolicy is another thing.
        const std::string_view given = document.text_of("apiVersion");
        if (name == to_string(kind) && (given == version || kind != policy_kind::kubernetes))
            return known_kind{kind, version};
    }
    return std::nullopt;
}

class file_reader {
  public:
    file_reader(const policy_source& source, const yaml_places& places) : source_(source), places_(places) {}

    /// `bytes`: about how large the document is.
    void read(const tree& document, std::size_t bytes) {
        if (!document.is_mapping()) return;
        if (const tree* const items = document.find("items"); items && document.text_of("kind").ends_with("List"))
            for (const tree& each : items->items)
                read(each, bytes / std::max<std::size_t>(items->items.size(), 1));
        if (const auto kind = kind_of(document)) read(document, *kind, bytes);
    }

    std::vector<judged_policy> take() { return std::move(out_); }

  private:
    void read(const tree& document, const known_kind& kind, std::size_t bytes) {
        judged_policy policy{.kind = kind.kind,
                             .file = source_.file,
                             .line = places_.of(document).line + std::size_t{1},
                             .bytes = bytes};
        reading reading(places_, policy.line);
        if (document.text_of("apiVersion") != kind.version)
            reading.refuse(document, "the apiVersion of a " + std::string(to_string(kind.kind)) + " is " +
                                         std::string(kind.version));
        read_metadata(document, policy, reading);
        if (kind.kind == policy_kind::kubernetes)
            read_kubernetes_policy(document, policy, reading);
        else
            read_cilium_policy(document, policy, reading);
        policy.refusals = reading.refusals();
        policy.doubts = reading.doubts();
        policy.remarks = reading.remarks();
        if (policy.is_doubtful() && policy.doubt == open_question::none) policy.doubt = open_question::unclear_file;
        out_.push_back(std::move(policy));
    }

    void read_metadata(const tree& document, judged_policy& out, reading& reading) {
        const tree* const metadata = reading.mapping_in(document, "metadata");
        if (!metadata) return reading.refuse(document, "a policy needs metadata with a name");
        out.name = reading.string_in(*metadata, "name").value_or("");
        if (!is_dns_subdomain(out.name))
            reading.refuse(*metadata, json_quote(out.name) + " is no name that a policy can have");
        if (out.kind == policy_kind::cilium_clusterwide) return;
        out.pod_namespace = reading.string_in(*metadata, "namespace").value_or("");
        if (out.pod_namespace.empty())
            out.pod_namespace = source_.namespace_of_folder.empty() ? "default" : source_.namespace_of_folder;
        if (!is_dns_label(out.pod_namespace))
            reading.refuse(*metadata, json_quote(out.pod_namespace) + " is no name that a namespace can have");
    }

    const policy_source& source_;
    const yaml_places& places_;
    std::vector<judged_policy> out_;
};

}  // namespace

std::vector<judged_policy> read_policies(const policy_source& source) {
    const yaml_file file = read_yaml(source.text);
    file_reader reader(source, file.places);
    const std::size_t share = source.text.size() / std::max<std::size_t>(file.documents.size(), 1);
    for (const tree& document : file.documents)
        reader.read(document, share);
    return reader.take();
}

std::vector<judged_policy> read_policies(const std::vector<tree>& documents, const std::string& file,
                                         const std::string& namespace_of_folder) {
    const policy_source source{.file = file, .namespace_of_folder = namespace_of_folder, .text = {}};
    file_reader reader(source);
    for (const tree& document : documents)
        reader.read(document, 0);
    return reader.take();
}

}  // namespace cpg

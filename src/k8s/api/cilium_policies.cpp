// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/cilium_policies.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/error.hpp"
#include "base/managed_by.hpp"
#include "base/url.hpp"
#include "k8s/config/json.hpp"

namespace cpg::k8s {

namespace {

constexpr int page_size = 500;
constexpr int most_pages = 10'000;  // a server whose pages never end

struct listed_kind {
    std::string_view version;
    std::string_view kind;
    std::string_view plural;
    std::string_view resource;
    std::string_view group;
    std::string_view flag;  ///< what asks for it
};

constexpr listed_kind made_by_cpg = {.version = "cilium.io/v2",
                                     .kind = "CiliumNetworkPolicy",
                                     .plural = "CiliumNetworkPolicies",
                                     .resource = "ciliumnetworkpolicies",
                                     .group = "cilium.io",
                                     .flag = "--cluster-dedup"};
constexpr std::array in_force = {
    listed_kind{"cilium.io/v2", "CiliumNetworkPolicy", "CiliumNetworkPolicies", "ciliumnetworkpolicies", "cilium.io",
                "--with-cluster"},
    listed_kind{"cilium.io/v2", "CiliumClusterwideNetworkPolicy", "CiliumClusterwideNetworkPolicies",
                "ciliumclusterwidenetworkpolicies", "cilium.io", "--with-cluster"},
    listed_kind{"networking.k8s.io/v1", "NetworkPolicy", "NetworkPolicies", "networkpolicies", "networking.k8s.io",
                "--with-cluster"}};

std::string list_path(const listed_kind& kind, const std::string& name_space) {
    std::string out = "/apis/" + std::string(kind.version) + "/";
    if (!name_space.empty()) out += "namespaces/" + percent_encode(name_space) + "/";
    out += std::string(kind.resource) + "?";
    if (&kind != &made_by_cpg) return out;
    return out + "labelSelector=" + percent_encode(std::string(managed_by_label).append("=").append(managed_by)) + "&";
}

[[noreturn]] void fail(const listed_kind& kind, const std::string& name_space, const api_error& error) {
    const std::string where = name_space.empty() ? "in all namespaces" : "in namespace " + name_space;
    const std::string resource(kind.resource);
    const std::string flag(kind.flag);
    const std::string what = "listing " + std::string(kind.plural) + " " + where + ": ";
    switch (error.status.fault) {
        case api_fault::forbidden:
            throw fatal_error(what + error.status.message + "; grant the rule {apiGroups: [" + std::string(kind.group) +
                              "], resources: [" + resource + "], verbs: [list]} " + where + ", or leave out " + flag);
        case api_fault::not_found:
            throw fatal_error(what + "the cluster has no resource " + resource + "." + std::string(kind.group) +
                              "; is Cilium installed? Otherwise leave out " + flag);
        default: throw fatal_error(what + error.what());
    }
}

// The items of one page, and the token of the next. In a list items have no kind of their own.
std::string take_page(const listed_kind& kind, const std::string& body, std::vector<cluster_policy>& out) {
    boost::system::error_code error;
    boost::json::value root = boost::json::parse(body, error);
    const boost::json::array* items = error ? nullptr : json_list(root, {"items"});
    if (!items) throw fatal_error("the server's list of " + std::string(kind.plural) + " can't be read");
    for (boost::json::value item : *items) {
        if (!item.is_object() && &kind != &made_by_cpg) continue;
        if (&kind != &made_by_cpg) {
            item.get_object()["apiVersion"] = kind.version;
            item.get_object()["kind"] = kind.kind;
        }
        out.push_back({.name_space = json_text(item, {"metadata", "namespace"}),
                       .name = json_text(item, {"metadata", "name"}),
                       .json = boost::json::serialize(item)});
    }
    return json_text(root, {"metadata", "continue"});
}

// Page by page; where the server has forgotten the token, once more and whole.
asio::awaitable<std::vector<cluster_policy>> list_in(api_client& client, const listed_kind& kind,
                                                     std::string name_space, steady_time until) {
    const std::string start = list_path(kind, name_space);
    const std::string whole = start.substr(0, start.size() - 1);
    const std::string paged = start + "limit=" + std::to_string(page_size);
    std::vector<cluster_policy> out;
    std::string path = paged;
    for (int page = 0; page < most_pages; ++page) {
        std::string body;
        bool expired = false;
        try {
            body = co_await client.get(path, until);
        } catch (const api_error& error) {
            expired = error.status.fault == api_fault::expired && path != whole;
            if (!expired) fail(kind, name_space, error);
        }
        if (expired) {
            out.clear();
            path = whole;
            continue;
        }
        const std::string token = take_page(kind, body, out);
        if (token.empty()) co_return out;
        path = paged + "&continue=" + percent_encode(token);
    }
    throw fatal_error("the server's list of " + std::string(kind.plural) + " does not end");
}

}  // namespace

asio::awaitable<std::vector<cluster_policy>> list_cilium_policies(api_client& client,
                                                                  std::vector<std::string> name_spaces,
                                                                  steady_time until) {
    if (name_spaces.empty()) name_spaces.emplace_back();
    const auto kept = client.keep_open();
    std::vector<cluster_policy> out;
    for (const std::string& name_space : name_spaces) {
        std::vector<cluster_policy> some = co_await list_in(client, made_by_cpg, name_space, until);
        out.insert(out.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    co_return out;
}

asio::awaitable<std::vector<cluster_policy>> list_policies_in_force(api_client& client, steady_time until) {
    const auto kept = client.keep_open();
    std::vector<cluster_policy> out;
    for (const listed_kind& kind : in_force) {
        std::vector<cluster_policy> some = co_await list_in(client, kind, {}, until);
        out.insert(out.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    co_return out;
}

}  // namespace cpg::k8s

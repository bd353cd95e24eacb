// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/cilium_policies.hpp"

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

std::string list_path(const std::string& name_space) {
    const std::string group = "/apis/cilium.io/v2/";
    const std::string resource = "ciliumnetworkpolicies?labelSelector=" +
                                 percent_encode(std::string(managed_by_label).append("=").append(managed_by));
    if (name_space.empty()) return group + resource;
    return group + "namespaces/" + percent_encode(name_space) + "/" + resource;
}

[[noreturn]] void fail(const std::string& name_space, const api_error& error) {
    const std::string where = name_space.empty() ? "in all namespaces" : "in namespace " + name_space;
    const std::string what = "listing CiliumNetworkPolicies " + where + ": ";
    switch (error.status.fault) {
        case api_fault::forbidden:
            throw fatal_error(what + error.status.message +
                              "; grant the rule {apiGroups: [cilium.io], resources: [ciliumnetworkpolicies], verbs: "
                              "[list]} " +
                              where + ", or leave out --cluster-dedup");
        case api_fault::not_found:
            throw fatal_error(what +
                              "the cluster has no resource ciliumnetworkpolicies.cilium.io; is Cilium "
                              "installed? Otherwise leave out --cluster-dedup");
        default: throw fatal_error(what + error.what());
    }
}

// The items of one page, and the token of the next.
std::string take_page(const std::string& body, std::vector<cluster_policy>& out) {
    boost::system::error_code error;
    const boost::json::value root = boost::json::parse(body, error);
    const boost::json::array* items = error ? nullptr : json_list(root, {"items"});
    if (!items) throw fatal_error("the server's list of CiliumNetworkPolicies can't be read");
    for (const auto& item : *items)
        out.push_back({.name_space = json_text(item, {"metadata", "namespace"}),
                       .name = json_text(item, {"metadata", "name"}),
                       .json = boost::json::serialize(item)});
    return json_text(root, {"metadata", "continue"});
}

// Page by page; where the server has forgotten the token, once more and whole.
asio::awaitable<std::vector<cluster_policy>> list_in(api_client& client, std::string name_space, steady_time until) {
    const std::string whole = list_path(name_space);
    const std::string paged = whole + "&limit=" + std::to_string(page_size);
    std::vector<cluster_policy> out;
    std::string path = paged;
    for (int page = 0; page < most_pages; ++page) {
        std::string body;
        bool expired = false;
        try {
            body = co_await client.get(path, until);
        } catch (const api_error& error) {
            expired = error.status.fault == api_fault::expired && path != whole;
            if (!expired) fail(name_space, error);
        }
        if (expired) {
            out.clear();
            path = whole;
            continue;
        }
        const std::string token = take_page(body, out);
        if (token.empty()) co_return out;
        path = paged + "&continue=" + percent_encode(token);
    }
    throw fatal_error("the server's list of CiliumNetworkPolicies does not end");
}

}  // namespace

asio::awaitable<std::vector<cluster_policy>> list_cilium_policies(api_client& client,
                                                                  std::vector<std::string> name_spaces,
                                                                  steady_time until) {
    if (name_spaces.empty()) name_spaces.emplace_back();
    std::vector<cluster_policy> out;
    for (const std::string& name_space : name_spaces) {
        std::vector<cluster_policy> some = co_await list_in(client, name_space, until);
        out.insert(out.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    co_return out;
}

}  // namespace cpg::k8s

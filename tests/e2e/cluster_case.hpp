// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A live_case with a cluster: the API server's stand-in behind TLS on a thread of its own, and a kubeconfig
// for it.

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <optional>
#include <thread>

#include "e2e/live_case.hpp"
#include "support/api_stand_in.hpp"
#include "support/certificates.hpp"

namespace cpg::test {

inline const std::string pods_target = "/api/v1/namespaces/kube-system/pods";
inline const std::string forward_target = pods_target + "/relay-0/portforward";

inline std::string pod_list_text() {
    return http_text(200, R"({"kind":"PodList","items":[{"metadata":{"name":"relay-0"},"status":{"phase":"Running",)"
                          R"("conditions":[{"type":"Ready","status":"True"}]}}]})");
}

struct cluster_case : live_case {
    asio::io_context context;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> busy;
    std::optional<api_stand_in> api;
    std::thread thread;

    ~cluster_case() {
        if (!api) return;
        asio::post(context, [this] { api->stop(); });
        busy.reset();
        thread.join();
    }

    /// Starts the API server and writes `kubeconfig`; KUBECONFIG is left to the test.
    void start_api(api_stand_in::handler handler) {
        const certificate ca = make_certificate({.common_name = "cluster CA", .names = {}, .authority = true});
        write("cluster.crt", ca.pem);
        api.emplace(context, std::move(handler),
                    stand_in_tls{make_certificate({.common_name = "api", .names = "IP:127.0.0.1"}, &ca), {}, {}});
        busy.emplace(context.get_executor());
        thread = std::thread([this] { context.run(); });
        write("kubeconfig",
              "apiVersion: v1\nkind: Config\ncurrent-context: test\n"
              "clusters:\n- name: test\n  cluster:\n    certificate-authority: cluster.crt\n    server: "
              "https://127.0.0.1:" +
                  std::to_string(api->port()) +
                  "\nusers:\n- name: me\n  user:\n    token: secret-of-the-test\n"
                  "contexts:\n- name: test\n  context: {cluster: test, user: me}\n");
    }

    std::vector<seen_request> requests() {
        std::promise<std::vector<seen_request>> out;
        asio::post(context, [&] { out.set_value(api->requests()); });
        return out.get_future().get();
    }

    /// Ends with 3, and the error says all of this.
    void check_fails(const words& flags, const words& says) {
        const auto cpg = run_cpg(flags, 3);
        const std::string line = line_with(cpg->err(), "\"level\":\"error\"");
        for (const std::string& part : says)
            BOOST_TEST(line.find(part) != std::string::npos, "\"" << part << "\" is not in: " << cpg->err());
        BOOST_TEST(!std::filesystem::exists(dir / "policies"));
        BOOST_TEST(!cpg->said("secret-of-the-test"), cpg->err());
    }
};

}  // namespace cpg::test

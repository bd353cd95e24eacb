// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Who cpg is to the API server: turns a kubeconfig's user into headers and a client certificate for one
// request. Runs credential plugins, caches what they say, reads token files again. Used on one executor that
// never runs two handlers at once. Nothing it holds is ever logged.

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/deadline.hpp"
#include "base/log.hpp"
#include "k8s/config/access.hpp"
#include "k8s/config/plugin_output.hpp"

namespace cpg::k8s {

struct identity {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string certificate;  ///< PEM chain, or empty
    std::string key;          ///< PEM
    std::uint64_t generation = 0;
};

class credentials {
  public:
    credentials(const asio::any_io_executor& executor, const cluster_access& access, logger& log);

    /// The identity to use now. Throws fatal_error, prefixed `getting credentials: ` where a plugin or file
    /// is at fault, and std::system_error(operation_aborted) when cancelled.
    asio::awaitable<identity> get(steady_time until);

    /// The server answered 401 to `refused`: drops it from the cache. True when the next get() may give
    /// another one.
    bool refuse(const identity& refused);

  private:
    asio::awaitable<void> run_plugin(steady_time until);
    asio::awaitable<plugin_answer> ask_plugin(const exec_plugin& plugin, steady_time until);
    const std::string& token_from_file();
    std::string token_from_provider() const;
    bool uses_plugin() const;
    void add_impersonation(identity& out) const;

    asio::any_io_executor executor_;
    cluster_access access_;
    logger& log_;
    std::uint64_t generation_ = 1;

    plugin_answer plugin_;
    bool plugin_valid_ = false;
    bool plugin_runs_ = false;
    asio::steady_timer plugin_ended_;  ///< never expires; cancelled to wake those who wait for the running plugin

    std::string file_token_;
    std::chrono::steady_clock::time_point file_token_until_{};
};

}  // namespace cpg::k8s

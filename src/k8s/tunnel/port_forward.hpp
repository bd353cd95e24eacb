// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The automatic port-forward to Hubble Relay, inside this process: an abstract unix socket that only this
// process may use, and a tunnel of its own for each connection to it, to a pod that is looked up each time.
// Every function may be called from any thread; the work runs on a strand of the executor. The logger and the
// executor's context must outlive run(). Leaves no file, no port and no process behind.

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "base/deadline.hpp"
#include "base/log.hpp"
#include "k8s/api/relay_pod.hpp"
#include "k8s/config/access.hpp"
#include "k8s/net/proxy.hpp"
#include "k8s/tunnel/tunnel_pump.hpp"

namespace cpg::k8s {

struct port_forward_settings {
    pod_query pod;
    pump_times times;
    /// From a connection on the socket to an open tunnel; gRPC itself gives up after 20 s.
    std::chrono::milliseconds open_time = std::chrono::seconds(15);
    std::string user_agent = "cpg";
    proxy_environment proxies = proxy_environment::from_process();
};

class port_forward {
  public:
    port_forward(const asio::any_io_executor& executor, const cluster_access& access, logger& log,
                 port_forward_settings settings = {});
    port_forward(const port_forward&) = delete;
    port_forward& operator=(const port_forward&) = delete;
    ~port_forward();  ///< stops

    /// Looks for the pod once, so that what is wrong with the set-up is known at once, and opens the socket.
    /// Cancel the calling coroutine to end it early. Throws fatal_error, and
    /// std::system_error(operation_aborted) when cancelled or stopped.
    asio::awaitable<void> start(steady_time until);

    /// `unix-abstract:NAME` for gRPC. Nobody listens there before start() is done.
    std::string target() const;

    /// Why the last tunnel failed, in words for the user; empty while one works. gRPC itself only says
    /// UNAVAILABLE.
    std::string last_error() const;
    /// That error will not go away by waiting: 401, 403 or a refused certificate. A starting API server, too, says
    /// 401 and 403 to everybody.
    bool permanent_error() const;
    /// Ready pods, as they were listed last, that have not failed.
    std::size_t untried_pods() const;
    /// The pod of the last tunnel was of no use, though the tunnel stood: another is taken next where there is one.
    void avoid_pod();

    /// Closes everything; the executor's context then runs out of this object's work.
    void stop();

  private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace cpg::k8s

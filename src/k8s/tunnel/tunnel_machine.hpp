// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which step follows which when one connection to a pod is opened: WebSocket first, SPDY where that is
// refused, the pod looked up anew where it has gone, the credentials renewed once after a 401. A class
// without I/O: tell it what happened, do what it returns. One object for one attempt, used by one thread at a
// time.

#include <cstdint>

namespace cpg::k8s {

enum class transport : std::uint8_t { websocket, spdy };

enum class upgrade_outcome : std::uint8_t {
    connected,
    unauthorized,     ///< 401
    forbidden,        ///< 403
    pod_gone,         ///< 404 that names a pod
    pod_unscheduled,  ///< 400: the pod has no host yet
    failed,           ///< any other answer, or none
};

enum class tunnel_step : std::uint8_t { resolve_pod, open_websocket, open_spdy, renew_credentials, connected, give_up };

enum class tunnel_fault : std::uint8_t { none, unauthorized, forbidden, pod_gone, refused };

class tunnel_machine {
  public:
    /// `first` is the transport that worked last time.
    explicit tunnel_machine(transport first) : current_(first) {}

    tunnel_step start() const { return tunnel_step::resolve_pod; }
    tunnel_step on_pod() const { return open(); }
    /// `better`: there are other credentials than those that were refused.
    tunnel_step on_renewed(bool better);
    tunnel_step on_upgrade(upgrade_outcome outcome);

    transport current() const { return current_; }
    /// Why it gave up; forbidden only when both transports were.
    tunnel_fault fault() const { return fault_; }

  private:
    tunnel_step open() const;
    tunnel_step give_up(tunnel_fault fault);
    tunnel_step other_transport(bool forbidden);

    transport current_;
    tunnel_fault fault_ = tunnel_fault::none;
    bool renewed_ = false;
    bool first_failed_ = false;
    bool first_forbidden_ = false;
    int resolved_again_ = 0;
};

}  // namespace cpg::k8s

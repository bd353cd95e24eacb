// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/tunnel_machine.hpp"

namespace cpg::k8s {

namespace {

constexpr int most_resolves = 3;

}  // namespace

tunnel_step tunnel_machine::open() const {
    return current_ == transport::websocket ? tunnel_step::open_websocket : tunnel_step::open_spdy;
}

tunnel_step tunnel_machine::give_up(tunnel_fault fault) {
    fault_ = fault;
    return tunnel_step::give_up;
}

tunnel_step tunnel_machine::on_renewed(bool better) {
    return better ? open() : give_up(tunnel_fault::unauthorized);
}

tunnel_step tunnel_machine::on_upgrade(upgrade_outcome outcome) {
    switch (outcome) {
        case upgrade_outcome::connected: return tunnel_step::connected;
        case upgrade_outcome::unauthorized:
            if (renewed_) return give_up(tunnel_fault::unauthorized);
            renewed_ = true;
            return tunnel_step::renew_credentials;
        case upgrade_outcome::pod_gone:
        case upgrade_outcome::pod_unscheduled:
            if (resolved_again_ == most_resolves) return give_up(tunnel_fault::pod_gone);
            ++resolved_again_;
            return tunnel_step::resolve_pod;
        case upgrade_outcome::forbidden: return other_transport(true);
        case upgrade_outcome::failed: break;
    }
    return other_transport(false);
}

// Either may pass where the other does not: proxies drop SPDY, and a role may lack the verb that a WebSocket
// needs.
tunnel_step tunnel_machine::other_transport(bool forbidden) {
    if (first_failed_) return give_up(forbidden && first_forbidden_ ? tunnel_fault::forbidden : tunnel_fault::refused);
    first_failed_ = true;
    first_forbidden_ = forbidden;
    current_ = current_ == transport::websocket ? transport::spdy : transport::websocket;
    return open();
}

}  // namespace cpg::k8s

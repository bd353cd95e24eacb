// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

#include <string>

#include "request/dns_server.hpp"

namespace cpg::test {

/// What a DNS query for the name asks for.
inline rule_key query(const std::string& name) {
    return {.direction = direction::egress,
            .peer = peer::fqdn({name}),
            .protocol = l4_protocol::udp,
            .port = dns_port,
            .l7 = l7_match::dns(name)};
}

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where Hubble Relay is and how to speak to it: what the user gave, read and checked. Nothing here connects.
// Any thread; plain values.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/duration.hpp"
#include "source/relay_request.hpp"

namespace cpg {

struct relay_address {
    std::string target;   ///< gRPC's name: `host:port`, `unix:///path`, `unix-abstract:NAME`
    std::string shown;    ///< as it was given, for people
    bool tls = false;     ///< `tls://`
    bool tunnel = false;  ///< an abstract socket: the near end of a port-forward
};

/// Reads `host:port`, `[v6]:port`, `tls://host:port`, `unix:///path`, `unix-abstract:NAME`. Throws
/// usage_error.
relay_address parse_relay_address(std::string_view text);

struct relay_tls {
    bool enabled = false;
    std::vector<std::string> ca_files;  ///< PEM; none: the system's roots
    std::string client_cert_file;
    std::string client_key_file;
    std::string server_name;      ///< to verify in place of the address's host
    bool allow_insecure = false;  ///< don't verify at all
};

struct relay_options {
    relay_address address;
    relay_tls tls;
    std::vector<std::string> namespaces;  ///< none: all
    wanted_flows wanted;
    nanoseconds timeout = std::chrono::seconds(10);
    nanoseconds first_backoff = std::chrono::milliseconds(500);
    nanoseconds longest_backoff = std::chrono::seconds(5);
    /// What lies behind an address that can't be reached, e.g. why a port-forward failed; empty when it
    /// doesn't know.
    std::function<std::string()> explain_unavailable;
    /// True when waiting can't mend it.
    std::function<bool()> permanent_failure;

    bool uses_tls() const { return tls.enabled || address.tls; }
};

/// Throws usage_error where the settings don't fit together.
void check_relay_options(const relay_options& options);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where Hubble Relay is and how to speak to it: what the user gave, read and checked. Nothing here connects.
// Any thread; plain values.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/duration.hpp"
#include "source/relay_request.hpp"

namespace cpg {

class capture_writer;
struct shared_events;

struct relay_address {
    std::string target;   ///< gRPC's name: `host:port`, `unix:///path`, `unix-abstract:NAME`
    std::string shown;    ///< as it was given, for people
    bool tls = false;     ///< `tls://`
    bool tunnel = false;  ///< an abstract socket: the near end of a port-forward
};

/// Reads `host:port`, `[v6]:port`, `tls://host:port`, `unix:///path`, `unix:/path`, `unix-abstract:NAME`, and gRPC's
/// own `dns:///host:port` and `passthrough:///host:port`. Throws usage_error.
relay_address parse_relay_address(std::string_view text);

struct relay_tls {
    bool enabled = false;
    std::vector<std::string> ca_files;  ///< PEM; none: the system's roots
    std::string client_cert_file;
    std::string client_key_file;
    std::string server_name;      ///< to verify in place of the address's host
    bool allow_insecure = false;  ///< don't verify at all
    bool by_flags = false;        ///< some of it was typed, and not taken from what serves other servers too
    /// Where a value stands when it is no flag of that name, for messages.
    std::map<std::string, std::string, std::less<>> origins;

    std::string origin(const std::string& flag) const;
};

struct relay_options {
    relay_address address;
    relay_tls tls;
    std::vector<std::string> namespaces;  ///< none: all
    wanted_flows wanted;
    std::optional<std::int64_t> since_ns;  ///< what the rings hold from then on is wanted too
    std::optional<std::int64_t> until_ns;  ///< only what they hold up to then: the stream has an end
    capture_writer* capture = nullptr;     ///< where to write what comes, besides; must outlive the stream
    /// Which flows have come, shared among the streams of a session; null: this stream's own.
    std::shared_ptr<shared_events> known_events;
    nanoseconds timeout = std::chrono::seconds(10);
    nanoseconds first_backoff = std::chrono::milliseconds(500);
    nanoseconds longest_backoff = std::chrono::seconds(5);
    /// What lies behind an address that can't be reached, e.g. why a port-forward failed; empty when it
    /// doesn't know.
    std::function<std::string()> explain_unavailable;
    /// True when waiting can't mend it. After a first good connection it may yet, for patience_when_refused.
    std::function<bool()> permanent_failure;
    /// How many ways to the relay have not been tried since one stood; and that the last one tried has failed.
    std::function<std::size_t()> untried_ways;
    std::function<void()> way_failed;
    nanoseconds patience_when_refused = std::chrono::minutes(2);
    /// The first connection has to stand by then; `timeout` from start() on where it is not set.
    std::optional<std::chrono::steady_clock::time_point> first_deadline;

    bool uses_tls() const { return tls.enabled || address.tls; }
};

/// Throws usage_error where the settings don't fit together.
void check_relay_options(const relay_options& options);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Lines of captures as `hubble observe -o jsonpb` prints them, made of parts that a test or a benchmark changes. Texts
// are put in as they stand, so that a hostile one can be. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace cpg::test {

/// A pod of this namespace with these labels ("k8s:app=cart"), and further members, each with a comma behind it.
std::string pod_end(std::string_view pod_namespace, const std::vector<std::string>& labels, std::string_view more = {});
/// app=APP.
std::string app_end(std::string_view pod_namespace, std::string_view app);
/// What has no labels but this reserved one: "world", "host", ...
std::string reserved_end(std::string_view name);

/// Unless a test says otherwise, app=web in shop is not let through to app=cart there on TCP/80.
struct shown_flow {
    std::string time = "2026-01-14T09:00:00Z";  ///< empty: not shown, as all that is empty here
    std::string uuid = {};
    std::string verdict = "DROPPED";
    unsigned reason_number = 0;
    std::string reason = "POLICY_DENIED";
    std::string source_ip = "10.0.0.1";
    std::string destination_ip = "10.0.0.2";
    std::string protocol = "TCP";
    unsigned source_port = 40000;
    unsigned port = 80;  ///< of ICMP its type
    std::string source = app_end("shop", "web");
    std::string destination = app_end("shop", "cart");
    std::string l4 = {};  ///< its members, in place of ports (or type) and a SYN
    std::string type = "L3_L4";
    std::string event = R"({"type":5})";
    bool ingress = true;
    std::string node = "n";
    std::string more = {};  ///< members, each with a comma behind it
    bool whole = false;     ///< also what cpg does not read: about 1.6 KB, as Hubble prints it
};

/// With its line break.
std::string line_of(const shown_flow& flow);

/// A query of `pod` to a DNS server for a name, which was let through and is known by its L7 record.
shown_flow dns_query(const std::string& pod, const std::string& server, unsigned port, const std::string& name);
/// What the server answers: these addresses, as JSON has them ("\"203.0.113.7\"").
shown_flow dns_answer(const std::string& pod, const std::string& server, unsigned port, const std::string& name,
                      const std::string& ips);

/// One flow that makes a rule: app=PEER in shop to app=SUBJECT in this namespace, on this port.
std::string flow_line(const std::string& peer, unsigned port, const std::string& subject = "cart",
                      const std::string& pod_namespace = "shop");

}  // namespace cpg::test

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What input can't make grow beyond. docs/security.md has the same table, and tools/check_limits.py compares them.
// Counts where nothing else is said; reaching one is said in the log, and what is over it is counted or refused.

#include <cstddef>

namespace cpg::limits {

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;

// Captures and streams.
inline constexpr std::size_t line_bytes = 16 * mib;     // of a capture; a longer one is malformed
inline constexpr std::size_t capture_files = 100'000;   // of folders that are replayed; entries of an archive likewise
inline constexpr std::size_t folder_depth = 64;         // of folders that are replayed
inline constexpr std::size_t message_bytes = 16 * mib;  // of relay; a larger one ends the stream, a compressed one too
inline constexpr std::size_t label_sets = 262'144;      // kept once; further ones are read anew each time
inline constexpr std::size_t lost_event_sources = 100;  // told apart in the summary
inline constexpr std::size_t nodes_followed = 8'192;    // of a stream, each by itself; further ones together
inline constexpr std::size_t events_remembered = 2 * mib;  // of a stream, against serving twice; shared by its nodes
inline constexpr std::size_t names = 10'000;               // of nodes, workloads and the like, told apart in each count

inline constexpr std::size_t connections = 500'000;  // told apart by verify, in each part of a capture that is decoded

inline constexpr std::size_t part_line_bytes =
    256 * mib;                                    // of a part: a workload, or the header; a longer one is refused
inline constexpr std::size_t clusters = 511;      // with a folder of their own: as many as a mesh of Cilium may have
inline constexpr std::size_t parts_at_once = 64;  // open while parts are added up; more are taken in rounds

// What is written. The kernel's map of an endpoint's policy takes 16,384 entries unless bpf-policy-map-max says
// otherwise (Documentation/cmdref/cilium-agent.md), and identities have 16 bits (pkg/identity/numericidentity.go).
inline constexpr std::size_t rules_of_a_workload = 16'384;  // kept; those first in order, whatever order they came in
inline constexpr std::size_t workloads = 65'536;            // kept, each 64th part by itself; likewise
inline constexpr std::size_t dns_servers = 16;              // of a workload, a namespace and a cluster; likewise
inline constexpr std::size_t names_together = 64;           // of an address, as one flow gives them; likewise
inline constexpr std::size_t name_lists = 4;                // of an address, of different flows; likewise
inline constexpr std::size_t addresses_of_a_name = 256;     // that evidence keeps of a rule for names; likewise
inline constexpr std::size_t pods_of_a_rule = 16;           // by their labels, that evidence keeps; likewise
inline constexpr std::size_t policy_bytes = 16 * mib;       // of a file; a larger one is neither read nor written
inline constexpr std::size_t evidence_bytes = 128 * mib;    // of a file; likewise
inline constexpr std::size_t log_bytes = 1 * mib;           // waiting for a reader that takes none

// YAML: policies, kubeconfigs, what explain is given.
inline constexpr std::size_t yaml_nodes = 2'000'000;  // of a document, aliases counted as what they stand for
inline constexpr std::size_t yaml_depth = 64;         // of nesting

// What an API server and a credential plugin answer.
inline constexpr std::size_t http_head_bytes = 64 * kib;     // of an answer
inline constexpr std::size_t http_body_bytes = 64 * mib;     // of an answer, after chunks are put together
inline constexpr std::size_t kubeconfig_bytes = 16 * mib;    // of a file
inline constexpr std::size_t plugin_output_bytes = 1 * mib;  // of what it prints

}  // namespace cpg::limits

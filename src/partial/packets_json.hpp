// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Counts of packets as the lines of a part have them: with the events that have no twin in this part. Any thread.

#include "aggregate/packet_count.hpp"
#include "partial/json_in.hpp"
#include "partial/json_out.hpp"

namespace cpg {

/// `[counted, "connections"|"nodes", [[node, drops, hashes of connections], …]]`: a connection's is 16 hexadecimal
/// digits, for not every reader of JSON keeps whole numbers of 64 bits.
void append(json_out& to, const packet_sums& sums);
packet_sums read_packets(const boost::json::value& from);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Events of Hubble in lines that log collectors have wrapped: behind a prefix (`kubectl logs --prefix`, stern, grep,
// journald, CRI), as a JSON string in a member (docker, fluent-bit, Loki, journald), or as an object in one. Only for
// lines that are no events themselves: this is many times as slow as reading one. Private to decode. One thread.

#include <cstddef>
#include <functional>
#include <string_view>

namespace cpg::json {

/// Reads a text as one event, and true when it is one.
using event_taker = std::function<bool(std::string_view)>;

/// Gives `take` each text in `line` that may be an event. True when at least one was. What it parses is bounded by a
/// small multiple of the line.
bool unwrap(std::string_view line, const event_taker& take);

}  // namespace cpg::json

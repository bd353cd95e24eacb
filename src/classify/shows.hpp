// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which connection a flow shows, let through or denied, whatever a rule could make of it. Pure; any thread.

#include "base/timestamp.hpp"
#include "request/shown_connection.hpp"

namespace cpg {

shown_connections shown_in(const flow& flow, const time_window& window);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Flows of an invented cluster, the same for the same seed, of the size and shape of real ones. Pure; any
// thread.

#include <vector>

#include "observer/observer.pb.h"
#include "settings.hpp"

namespace cpg::sim {

std::vector<observer::GetFlowsResponse> generated_flows(const settings& settings);

}  // namespace cpg::sim

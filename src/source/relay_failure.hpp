// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a failed call to Hubble Relay means for a person: which error, whether waiting can mend it, and what
// to do. Pure; any thread.

#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include "source/relay_options.hpp"

namespace cpg {

struct relay_failure {
    bool terminal = false;  ///< trying again gives the same
    std::string problem;    ///< what, where and why
    std::string advice;     ///< what to do
    bool refused = false;   ///< by what lies on the way to the relay; a starting API server refuses everybody
};

/// A server's answer to a field mask that it does not know all of; Hubble's own is "invalid fieldmask".
bool is_refused_mask(std::string_view message);

relay_failure explain_failure(const grpc::Status& status, const relay_options& options);

}  // namespace cpg

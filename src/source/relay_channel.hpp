// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// gRPC channels to Hubble Relay. Reads certificate files, which blocks; otherwise any thread. Making a
// channel connects to nothing: gRPC does that at the first call.

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>

#include "source/relay_options.hpp"

namespace cpg {

/// Throws fatal_error when a certificate or key can't be read.
std::shared_ptr<grpc::ChannelCredentials> relay_credentials(const relay_options& options);

/// A channel with a connection of its own: no other channel's failures or back-off weigh on it.
std::shared_ptr<grpc::Channel> relay_channel(const relay_options& options,
                                             const std::shared_ptr<grpc::ChannelCredentials>& credentials);

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A gRPC server around relay_service: address, TLS, start and stop. One thread.

#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "relay_service.hpp"

namespace cpg::sim {

class relay_server {
  public:
    /// Listens when it returns. Throws fatal_error when the address is taken or a certificate can't be used.
    explicit relay_server(const settings& settings);
    relay_server(const relay_server&) = delete;
    relay_server& operator=(const relay_server&) = delete;
    /// Ends all calls at once.
    ~relay_server();

    /// What a client gives as --server, with the port that was chosen.
    const std::string& address() const { return address_; }
    std::uint64_t streams() const { return service_.streams(); }

  private:
    relay_service service_;
    std::string address_;
    std::unique_ptr<grpc::Server> server_;
};

}  // namespace cpg::sim

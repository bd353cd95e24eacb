// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A port of this machine's loopback that is taken: it takes connections and says nothing, or refuses them.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace cpg::test {

class deaf_port {
  public:
    explicit deaf_port(bool listens) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        if (::bind(socket_, reinterpret_cast<sockaddr*>(&name), size) != 0) throw std::runtime_error("bind");
        if (listens && ::listen(socket_, 16) != 0) throw std::runtime_error("listen");
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&name), &size);
        address_ = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
    }
    deaf_port(const deaf_port&) = delete;
    deaf_port& operator=(const deaf_port&) = delete;
    ~deaf_port() { ::close(socket_); }

    const std::string& address() const { return address_; }

  private:
    int socket_;
    std::string address_;
};

}  // namespace cpg::test

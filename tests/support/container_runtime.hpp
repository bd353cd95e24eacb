// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A real containerd with runc in a private folder, and one pod on the host's network, so that "a port in the
// pod" is a port of this machine's loopback. Started by the constructor, stopped by process id in the
// destructor. Blocking.

#include <sys/types.h>

#include <memory>
#include <string>

#include "support/temp_dir.hpp"

namespace cpg::test {

class container_runtime {
  public:
    /// `idle_timeout` as containerd writes it: `4h`, `3s`. Throws std::runtime_error with the reason when
    /// this machine can't run it.
    explicit container_runtime(const std::string& idle_timeout);
    container_runtime(const container_runtime&) = delete;
    container_runtime& operator=(const container_runtime&) = delete;
    ~container_runtime();

    /// A URL for one use: http://127.0.0.1:PORT/portforward/TOKEN.
    std::string port_forward_url(int port);

  private:
    void write_config(const std::string& idle_timeout) const;
    void make_image() const;
    void start();
    void run_pod();
    void stop();
    std::string log() const;

    struct service;
    temp_dir dir_;
    pid_t pid_ = -1;
    std::string pod_;
    std::unique_ptr<service> service_;
};

}  // namespace cpg::test

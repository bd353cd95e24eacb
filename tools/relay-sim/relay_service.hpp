// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The Observer service of relay-sim. gRPC calls it on its own threads; what the calls share is the log, which
// never changes, and a count of cuts. A test may run it in its own process.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "event_log.hpp"
#include "observer/observer.grpc.pb.h"
#include "settings.hpp"

namespace cpg::sim {

using service_base =
    observer::Observer::WithRawCallbackMethod_GetFlows<observer::Observer::WithCallbackMethod_ServerStatus<
        observer::Observer::WithCallbackMethod_GetNodes<observer::Observer::Service>>>;

class relay_service final : public service_base {
  public:
    relay_service(settings settings, std::shared_ptr<const event_log> log)
        : settings_(std::move(settings)), log_(std::move(log)) {}

    grpc::ServerUnaryReactor* ServerStatus(grpc::CallbackServerContext* context,
                                           const observer::ServerStatusRequest* request,
                                           observer::ServerStatusResponse* response) override;
    grpc::ServerUnaryReactor* GetNodes(grpc::CallbackServerContext* context, const observer::GetNodesRequest* request,
                                       observer::GetNodesResponse* response) override;
    grpc::ServerWriteReactor<grpc::ByteBuffer>* GetFlows(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request) override;

    const settings& config() const { return settings_; }
    const event_log& log() const { return *log_; }
    /// The log as a request with this field mask sees it.
    std::shared_ptr<const event_log> log_for(const google::protobuf::FieldMask& fields);
    /// True for as many streams as are to be cut.
    bool take_a_cut() { return cuts_made_++ < settings_.cuts; }
    std::uint64_t streams() const { return streams_; }

  private:
    const settings settings_;
    const std::shared_ptr<const event_log> log_;
    std::mutex mutex_;  ///< of the next two
    std::string trimmed_for_;
    std::shared_ptr<const event_log> trimmed_;
    std::atomic<std::uint64_t> cuts_made_ = 0;
    std::atomic<std::uint64_t> streams_ = 0;
};

}  // namespace cpg::sim

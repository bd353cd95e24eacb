// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "relay_service.hpp"

#include <grpcpp/alarm.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "flow_writer.hpp"

namespace cpg::sim {

namespace {

// Answers after a while. Deletes itself when gRPC is done with it.
class late_answer final : public grpc::ServerUnaryReactor {
  public:
    late_answer(grpc::Status status, std::chrono::nanoseconds wait) : status_(std::move(status)) {
        const auto when =
            std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(wait);
        alarm_.Set(when, [this](bool) { Finish(status_); });
    }

    void OnCancel() override { alarm_.Cancel(); }
    void OnDone() override { delete this; }

  private:
    const grpc::Status status_;
    grpc::Alarm alarm_;
};

grpc::Status answer_of(const settings& settings, bool implemented) {
    if (!implemented) return {grpc::StatusCode::UNIMPLEMENTED, "unknown method"};
    if (settings.refuse && !settings.refuse_flows_only) return {*settings.refuse, "refused by relay-sim"};
    return grpc::Status::OK;
}

}  // namespace

grpc::ServerUnaryReactor* relay_service::ServerStatus(grpc::CallbackServerContext*,
                                                      const observer::ServerStatusRequest*,
                                                      observer::ServerStatusResponse* response) {
    response->set_version(settings_.version);
    response->set_num_flows(log_->flows());
    response->set_max_flows(log_->flows());
    response->mutable_num_connected_nodes()->set_value(4);
    response->mutable_num_unavailable_nodes()->set_value(
        static_cast<std::uint32_t>(settings_.unavailable_nodes.size()));
    for (const std::string& name : settings_.unavailable_nodes)
        response->add_unavailable_nodes(name);
    if (settings_.refuse_server_status)
        return new late_answer({*settings_.refuse_server_status, "refused by relay-sim"}, settings_.late);
    const auto wait = settings_.server_status_hangs ? std::chrono::hours(1) : settings_.late;
    return new late_answer(answer_of(settings_, settings_.server_status), wait);
}

grpc::ServerUnaryReactor* relay_service::GetNodes(grpc::CallbackServerContext*, const observer::GetNodesRequest*,
                                                  observer::GetNodesResponse* response) {
    for (const std::string& name : settings_.unavailable_nodes) {
        auto& node = *response->add_nodes();
        node.set_name(name);
        node.set_state(relay::NODE_UNAVAILABLE);
    }
    return new late_answer(answer_of(settings_, true), settings_.late);
}

// Cutting all flows takes a while, and streams ask for the same as a rule.
std::shared_ptr<const event_log> relay_service::log_for(const google::protobuf::FieldMask& fields) {
    if (fields.paths().empty() || settings_.field_mask != mask_handling::taken) return log_;
    const std::lock_guard lock(mutex_);
    std::string bytes = fields.SerializeAsString();
    if (!trimmed_ || bytes != trimmed_for_) trimmed_ = std::make_shared<event_log>(*log_, fields);
    trimmed_for_ = std::move(bytes);
    return trimmed_;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* relay_service::GetFlows(grpc::CallbackServerContext*,
                                                                    const grpc::ByteBuffer* request) {
    ++streams_;
    observer::GetFlowsRequest asked;
    grpc::ByteBuffer bytes = *request;
    grpc::SerializationTraits<observer::GetFlowsRequest>::Deserialize(&bytes, &asked);
    auto* const writer = new flow_writer(*this, std::move(asked));
    writer->begin();
    return writer;
}

}  // namespace cpg::sim

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_reactor.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <utility>

namespace cpg {

void relay_reactor::start(const std::shared_ptr<grpc::Channel>& channel, const observer::GetFlowsRequest& request) {
    // A server can't tell a call with one message and its end from a server-streaming one.
    bool owned = false;
    grpc::SerializationTraits<observer::GetFlowsRequest>::Serialize(request, &request_, &owned);
    grpc::GenericStub(channel).PrepareBidiStreamingCall(&call_.begin(), "/observer.Observer/GetFlows", {}, this);
    {
        const auto lock = call_.lock();
        inbox_.reserve(most_messages);
        held_ = true;
    }
    AddHold();
    StartWriteLast(&request_, {});
    StartRead(&message_);
    StartCall();
}

relay_reactor::taken relay_reactor::drain(bool want_messages) {
    const auto lock = call_.lock();
    taken out;
    out.answered = answered_;
    out.left = !inbox_.empty() && !want_messages;
    if (out.left) return out;
    out.messages.swap(inbox_);
    inbox_.reserve(most_messages);
    inbox_bytes_ = 0;
    scheduled_ = false;
    out.end = std::exchange(end_, std::nullopt);
    read_on_if_parked();
    return out;
}

void relay_reactor::cancel() {
    call_.cancel();
    // A parked reader would not notice.
    const auto lock = call_.lock();
    cancelled_ = true;
    read_on_if_parked();
}

// Under the lock: once the hold is gone the reader is as well, and OnReadDone decides on that under the same
// lock.
void relay_reactor::read_on_if_parked() {
    if (std::exchange(parked_, false) && held_) StartRead(&message_);
}

void relay_reactor::OnReadInitialMetadataDone(bool ok) {
    if (!ok) return;
    bool wake = false;
    {
        const auto lock = call_.lock();
        answered_ = true;
        wake = wake_is_due();
    }
    if (wake) wake_();
}

// Under the lock. ByteBuffer has no cheap move; swapping leaves an empty one to read into.
bool relay_reactor::push_message() {
    answered_ = true;
    inbox_bytes_ += message_.Length();
    inbox_.emplace_back().Swap(&message_);
    parked_ = !cancelled_ && (inbox_.size() >= most_messages || inbox_bytes_ >= most_bytes);
    return !parked_;
}

void relay_reactor::OnReadDone(bool ok) {
    bool wake = false;
    bool read_on = false;
    {
        const auto lock = call_.lock();
        if (ok) {
            read_on = push_message();
            wake = wake_is_due();
        } else {
            held_ = false;
        }
    }
    if (wake) wake_();
    if (!ok)
        RemoveHold();
    else if (read_on)
        StartRead(&message_);
}

void relay_reactor::OnDone(const grpc::Status& status) {
    bool wake = false;
    {
        const auto lock = call_.lock();
        end_ = status;
        wake = wake_is_due();
    }
    if (wake) wake_();
    call_.let_go();
}

}  // namespace cpg

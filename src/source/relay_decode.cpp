// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_decode.hpp"

#include <grpcpp/support/slice.h>

#include <memory>
#include <string_view>
#include <utility>

namespace cpg {

namespace {

std::string_view view_of(const grpc::Slice& slice) {
    return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

void append(const grpc::ByteBuffer& message, std::vector<grpc::Slice>& slices, std::string& out) {
    slices.clear();
    if (!message.Dump(&slices).ok()) return;
    for (const grpc::Slice& slice : slices)
        out += view_of(slice);
}

// Returns the messages, which lie in the batch.
std::vector<std::string_view> decode_all(const std::vector<grpc::ByteBuffer>& messages, decode_cache& cache,
                                         flow_batch& batch) {
    std::size_t total = 0;
    for (const grpc::ByteBuffer& message : messages)
        total += message.Length();
    // Reserved, so that the views into it stay good while it grows.
    batch.bytes.reserve(total);
    std::vector<grpc::Slice> slices;
    std::vector<std::string_view> views;
    views.reserve(messages.size());
    for (const grpc::ByteBuffer& message : messages) {
        const std::size_t begin = batch.bytes.size();
        append(message, slices, batch.bytes);
        views.emplace_back(batch.bytes.data() + begin, batch.bytes.size() - begin);
    }
    decode_proto(views, cache, batch);
    return views;
}

class relay_piece final : public input_piece {
  public:
    relay_piece(std::vector<grpc::ByteBuffer> messages, std::shared_ptr<flow_gate> gate, capture_writer* capture)
        : messages_(std::move(messages)), gate_(std::move(gate)), capture_(capture) {}

    void decode(decode_cache& cache, flow_batch& batch) override {
        const std::vector<std::string_view> views = decode_all(messages_, cache, batch);
        gate_.admit(batch, received_);
        if (capture_) capture_->write(views, batch);
    }

  private:
    const std::vector<grpc::ByteBuffer> messages_;
    flow_gate::piece gate_;
    capture_writer* const capture_;
    const replay_guard::time_point received_ = std::chrono::steady_clock::now();
};

}  // namespace

piece_ptr relay_piece_of(std::vector<grpc::ByteBuffer> messages, std::shared_ptr<flow_gate> gate,
                         capture_writer* capture) {
    return std::make_unique<relay_piece>(std::move(messages), std::move(gate), capture);
}

event_envelope peek_message(grpc::ByteBuffer& message) {
    grpc::Slice slice;
    if (!message.TrySingleSlice(&slice).ok() && !message.DumpToSingleSlice(&slice).ok()) return {};
    return peek_proto(view_of(slice));
}

}  // namespace cpg

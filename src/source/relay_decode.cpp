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
std::vector<std::string_view> decode(const std::vector<grpc::ByteBuffer>& messages, decode_cache& cache,
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

}  // namespace

decode_task decode_task_for(std::vector<grpc::ByteBuffer> messages, std::shared_ptr<flow_gate> gate,
                            capture_writer* capture) {
    // Shared because a std::function is copyable, and copying a ByteBuffer allocates.
    auto shared = std::make_shared<const std::vector<grpc::ByteBuffer>>(std::move(messages));
    auto piece = std::make_shared<flow_gate::piece>(std::move(gate));
    const auto received = std::chrono::steady_clock::now();
    return [shared = std::move(shared), piece = std::move(piece), received, capture](decode_cache& cache,
                                                                                     flow_batch& batch) {
        const std::vector<std::string_view> views = decode(*shared, cache, batch);
        piece->admit(batch, received);
        if (capture) capture->write(views, batch);
    };
}

event_envelope peek_message(grpc::ByteBuffer& message) {
    grpc::Slice slice;
    if (!message.TrySingleSlice(&slice).ok() && !message.DumpToSingleSlice(&slice).ok()) return {};
    return peek_proto(view_of(slice));
}

}  // namespace cpg

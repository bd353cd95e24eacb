// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From gRPC's buffers to what the decoders take. Pure; any thread.

#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <vector>

#include "decode/wire_decoder.hpp"
#include "source/capture_writer.hpp"
#include "source/flow_gate.hpp"
#include "source/flow_source.hpp"

namespace cpg {

/// Messages of a stream, of which `gate` leaves out those that it knows. The batch gets a copy of the bytes, all
/// messages in one block, so gRPC's own memory goes back to gRPC as soon as the piece is gone. What the gate lets
/// through goes to `capture`, too, where there is one.
piece_ptr relay_piece_of(std::vector<grpc::ByteBuffer> messages, std::shared_ptr<flow_gate> gate,
                         capture_writer* capture = nullptr);

event_envelope peek_message(grpc::ByteBuffer& message);

}  // namespace cpg

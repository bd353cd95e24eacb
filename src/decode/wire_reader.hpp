// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Walks the fields of one serialized protobuf message. A length-delimited field is handed out as a view, and
// a message inside it is read by a reader of its own, so no reader can leave its bytes. Any thread, one at a
// time.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace cpg {

/// The bytes are no protobuf message. Never leaves the decoder.
class wire_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// next() goes to a field; then each of the readers below takes it, and answers true, when its number and its
/// wire type are theirs. A field of another wire type is left to skip(), as protobuf's own parsers do:
///     while (in.next()) in.text(1, name) || in.number(2, size) || in.skip();
class wire_reader {
  public:
    explicit wire_reader(std::string_view bytes)
        : in_(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size())) {}

    /// False at the end of the message.
    bool next() {
        tag_ = in_.ReadTag();
        if (tag_ == 0 && !in_.ConsumedEntireMessage()) throw wire_error("broken field tag");
        return tag_ != 0;
    }

    /// A string, or a message that is read by a reader of its own.
    bool text(std::uint32_t field, std::string_view& out) {
        if (tag_ != (field << 3 | 2)) return false;
        out = bytes();
        return true;
    }

    /// An integer, bool or enum. Wider values are cut, as protobuf does.
    template <class Number>
    bool number(std::uint32_t field, Number& out) {
        if (tag_ != field << 3) return false;
        out = static_cast<Number>(varint());
        return true;
    }

    /// An enum of which the numbers up to `last` are known; the others become its zero.
    template <class Enum>
    bool one_of(std::uint32_t field, Enum& out, Enum last) {
        std::uint32_t value = 0;
        if (!number(field, value)) return false;
        out = value <= static_cast<std::uint32_t>(last) ? static_cast<Enum>(value) : Enum{};
        return true;
    }

    bool skip() {
        if (!google::protobuf::internal::WireFormatLite::SkipField(&in_, tag_)) throw wire_error("broken field");
        return true;
    }

    std::uint32_t field() const { return tag_ >> 3; }

  private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        if (!in_.ReadVarint64(&value)) throw wire_error("broken number");
        return value;
    }

    std::string_view bytes() {
        int size = 0;
        const void* data = nullptr;
        int left = 0;
        if (!in_.ReadVarintSizeAsInt(&size)) throw wire_error("broken length");
        if (size == 0) return {};
        in_.GetDirectBufferPointerInline(&data, &left);
        if (size > left) throw wire_error("cut off within a field");
        in_.Skip(size);
        return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
    }

    google::protobuf::io::CodedInputStream in_;
    std::uint32_t tag_ = 0;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Walks the fields of one serialized protobuf message. A length-delimited field is handed out as a view, and
// a message inside it is read by a reader of its own, so no reader can leave its bytes. Any thread, one at a
// time.

#include <cstddef>
#include <cstdint>
#include <limits>
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
    explicit wire_reader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

    /// False at the end of the message.
    bool next() {
        if (at_ == end_) return false;
        const std::uint64_t tag = varint();
        if (tag > std::numeric_limits<std::uint32_t>::max() || tag >> 3 == 0)
            throw wire_error("broken field tag");
        tag_ = static_cast<std::uint32_t>(tag);
        return true;
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
        if (type() == start_group)
            skip_group();
        else
            skip_value();
        return true;
    }

    std::uint32_t field() const { return tag_ >> 3; }

  private:
    enum wire_type : std::uint32_t {
        number64 = 1,
        length_delimited = 2,
        start_group = 3,
        end_group = 4,
        number32 = 5
    };

    std::uint32_t type() const { return tag_ & 7; }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(*at_++);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        throw wire_error("broken number");
    }

    std::string_view take(std::uint64_t size) {
        if (size > static_cast<std::uint64_t>(end_ - at_)) throw wire_error("cut off within a field");
        const std::string_view out(at_, static_cast<std::size_t>(size));
        at_ += size;
        return out;
    }

    std::string_view bytes() { return take(varint()); }

    void skip_value() {
        switch (type()) {
            case 0:
                varint();
                break;
            case number64:
                take(8);
                break;
            case length_delimited:
                bytes();
                break;
            case number32:
                take(4);
                break;
            default:
                throw wire_error("broken field");
        }
    }

    // Groups are no longer in use, but an unknown field may be one. Not recursive, so depth costs nothing.
    void skip_group() {
        for (std::uint64_t depth = 1; depth > 0;) {
            if (!next()) throw wire_error("cut off within a group");
            if (type() == start_group)
                ++depth;
            else if (type() == end_group)
                --depth;
            else
                skip_value();
        }
    }

    const char* at_;
    const char* end_;
    std::uint32_t tag_ = 0;
};

}  // namespace cpg

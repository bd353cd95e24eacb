// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/inflate.hpp"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>

namespace cpg {

namespace {

// Magic numbers: RFC 1952 section 2.3.1, RFC 8878 section 3.1.1.
constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
constexpr std::size_t output_step = 256u << 10;

class plain final : public inflater {
  public:
    std::size_t feed(std::string_view in, std::string& out, std::size_t most_output) override {
        const std::size_t used = std::min(in.size(), most_output);
        out += in.substr(0, used);
        return used;
    }
    void finish() override {}
};

class gzip final : public inflater {
  public:
    gzip() { begin_member(); }

    std::size_t feed(std::string_view in, std::string& out, std::size_t most_output) override {
        const std::size_t goal = out.size() + most_output;
        std::size_t used = 0;
        while (out.size() < goal) {
            if (between_members_ && (used += skip_padding(in.substr(used)), used == in.size())) break;
            between_members_ = false;
            const std::size_t before = out.size();
            const std::size_t taken = step(in.substr(used), out);
            used += taken;
            if (state_.block_state == ISAL_BLOCK_FINISH)
                end_member();
            else if (taken == 0 && out.size() == before)
                break;
        }
        return used;
    }

    void finish() override {
        if (!between_members_) throw inflate_error("the gzip data ends too early");
    }

  private:
    void begin_member() {
        isal_inflate_init(&state_);
        state_.crc_flag = ISAL_GZIP;
    }

    void end_member() {
        begin_member();
        between_members_ = true;
    }

    // Zeros behind a member are padding, as of tapes and block devices.
    std::size_t skip_padding(std::string_view in) const {
        if (!padding_allowed_) return 0;
        return std::min(in.find_first_not_of('\0'), in.size());
    }

    std::size_t step(std::string_view in, std::string& out) {
        padding_allowed_ = true;
        state_.next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(in.data()));
        state_.avail_in = static_cast<std::uint32_t>(std::min<std::size_t>(in.size(), UINT32_MAX));
        const std::uint32_t offered = state_.avail_in;
        const std::size_t before = out.size();
        out.resize(before + output_step);
        state_.next_out = reinterpret_cast<std::uint8_t*>(out.data() + before);
        state_.avail_out = output_step;
        const int status = isal_inflate(&state_);
        out.resize(before + output_step - state_.avail_out);
        if (status < 0) throw inflate_error("the gzip data is corrupt");
        return offered - state_.avail_in;
    }

    inflate_state state_{};
    bool between_members_ = false;
    bool padding_allowed_ = false;
};

class zstd final : public inflater {
  public:
    std::size_t feed(std::string_view in, std::string& out, std::size_t most_output) override {
        const std::size_t goal = out.size() + most_output;
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        bool flushed = false;
        while (out.size() < goal && (input.pos < input.size || !flushed)) {
            const std::size_t before = out.size();
            const std::size_t input_before = input.pos;
            out.resize(before + output_step);
            ZSTD_outBuffer output{out.data() + before, output_step, 0};
            const std::size_t status = ZSTD_decompressStream(stream_.get(), &output, &input);
            out.resize(before + output.pos);
            if (ZSTD_isError(status))
                throw inflate_error(std::string("the zstd data is corrupt: ") + ZSTD_getErrorName(status));
            // Behind a frame, a call without input asks for the next frame's header; there need not be one.
            if (input.pos > input_before || output.pos > 0) inside_frame_ = status != 0;
            flushed = output.pos < output.size;
        }
        return input.pos;
    }

    void finish() override {
        if (inside_frame_) throw inflate_error("the zstd data ends too early");
    }

  private:
    struct free_stream {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };

    std::unique_ptr<ZSTD_DStream, free_stream> stream_{ZSTD_createDStream()};
    bool inside_frame_ = false;
};

}  // namespace

std::unique_ptr<inflater> make_inflater(std::string_view beginning) {
    if (beginning.starts_with(gzip_magic)) return std::make_unique<gzip>();
    if (beginning.starts_with(zstd_magic)) return std::make_unique<zstd>();
    return std::make_unique<plain>();
}

}  // namespace cpg

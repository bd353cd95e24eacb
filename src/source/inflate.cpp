// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/inflate.hpp"

#include <algorithm>
#include <array>
#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filter/zlib.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <utility>

#ifdef CPG_ISAL
#include "source/isal_filter.hpp"
#endif

namespace cpg {

namespace {

namespace io = boost::iostreams;
using namespace std::string_view_literals;

// RFC 1952 section 2.3.1, RFC 8878 section 3.1.1, the .xz file format 2.1.1.1; bzip2 has no document.
constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
constexpr std::string_view xz_magic = "\xfd\x37zXZ\0"sv;
constexpr std::string_view bzip2_magic = "BZh";
constexpr std::array magics = {gzip_magic, zstd_magic, xz_magic, bzip2_magic};

constexpr std::size_t output_step = 256u << 10;
// What a filter takes at a time; a fault is reported this exactly.
constexpr std::streamsize filter_bytes = 16 << 10;

class plain final : public inflater {
  public:
    std::size_t feed(std::string_view in, std::string& out, std::size_t most_output) override {
        const std::size_t used = std::min(in.size(), most_output);
        out += in.substr(0, used);
        taken_ += used;
        return used;
    }
    bool passes_as_it_is() const override { return true; }
    void finish(std::string&) override {}
    std::uint64_t taken() const override { return taken_; }

  private:
    std::uint64_t taken_ = 0;
};

/// What a filter reads from: what it gave back, then the piece at hand; then it would block, or the input ends.
struct piece_source {
    using char_type = char;
    using category = io::source_tag;

    std::streamsize read(char* to, std::streamsize most) {
        std::string_view& from = rest.empty() ? piece : rest;
        if (from.empty()) return ended ? -1 : 0;
        const std::size_t length = from.copy(to, static_cast<std::size_t>(most));
        from.remove_prefix(length);
        return static_cast<std::streamsize>(length);
    }

    std::string_view rest;
    std::string_view piece;
    bool ended = false;
};

// The formats: a filter, its name, and how it says that the input ended too early. `one_stream`: the filter ends with a
// stream, not with the input. `probe`: see zstd_format.

struct gzip_format {
#ifdef CPG_ISAL
    using filter = isal_decompressor;
    using early_end = isal_member::early_end;
    static filter make() {
        return filter(filter_bytes);
    }
    static bool is_early(const early_end&) {
        return true;
    }
#else
    using filter = io::zlib_decompressor;
    using early_end = io::zlib_error;
    // zlib reads gzip's header and checksum itself; Boost's gzip filter can't wait between two members.
    static filter make() {
        return filter(io::zlib_params(-1, io::zlib::deflated, 15 + 16), filter_bytes);
    }
    static bool is_early(const early_end& error) {
        return error.error() == io::zlib::buf_error;
    }
#endif
    static constexpr std::string_view name = "gzip";
    static constexpr bool one_stream = true;
    static constexpr std::string_view probe = {};
};

struct zstd_format {
    using filter = io::zstd_decompressor;
    using early_end = io::zstd_error;
    static filter make() { return filter(filter_bytes); }
    static bool is_early(const early_end&) { return false; }
    static constexpr std::string_view name = "zstd";
    static constexpr bool one_stream = false;
    // The filter ends in silence inside a frame. So a frame that holds one byte is put behind the input: only where the
    // frame before it is complete does exactly that byte come out.
    static constexpr std::string_view probe = "\x28\xb5\x2f\xfd\x20\x01\x09\0\0x"sv;
};

struct xz_format {
    using filter = io::lzma_decompressor;
    using early_end = io::lzma_error;
    static filter make() { return filter(filter_bytes); }
    static bool is_early(const early_end& error) { return error.error() == io::lzma::buf_error; }
    static constexpr std::string_view name = "xz";
    static constexpr bool one_stream = false;
    static constexpr std::string_view probe = {};
};

struct bzip2_format {
    using filter = io::bzip2_decompressor;
    using early_end = io::bzip2_error;
    static filter make() { return filter(false, filter_bytes); }
    static bool is_early(const early_end& error) { return error.error() == io::bzip2::unexpected_eof; }
    static constexpr std::string_view name = "bzip2";
    static constexpr bool one_stream = false;
    static constexpr std::string_view probe = {};
};

template <class format>
class filtered final : public inflater {
  public:
    std::size_t feed(std::string_view in, std::string& out, std::size_t most_output) override {
        const std::size_t goal = out.size() + most_output;
        source_.piece = in;
        while (out.size() < goal && !skip_padding()) {
            const std::size_t left = source_.piece.size() + source_.rest.size();
            const std::size_t before = out.size();
            const bool stream_ended = step(out);
            if (stream_ended && format::one_stream) begin_stream();
            if (!stream_ended && out.size() == before && source_.piece.size() + source_.rest.size() == left) break;
        }
        const std::size_t used = in.size() - source_.piece.size();
        source_.piece = {};
        taken_ += used;
        return used;
    }

    void finish(std::string& out) override {
        if (between_streams_) return;
        if (format::probe.empty()) {
            source_.ended = true;
            while (!step(out)) {
            }
        } else {
            probe(out);
        }
    }

    std::uint64_t taken() const override { return taken_; }

  private:
    // Zeros behind a gzip member are padding, as of tapes and block devices. True when nothing but them is there.
    bool skip_padding() {
        if (!between_streams_) return false;
        for (std::string_view* from : {&source_.rest, &source_.piece}) {
            from->remove_prefix(std::min(from->find_first_not_of('\0'), from->size()));
            if (!from->empty()) {
                between_streams_ = false;
                return false;
            }
        }
        return true;
    }

    // True at the end of what the filter reads.
    bool step(std::string& out) {
        const std::size_t before = out.size();
        out.resize(before + output_step);
        try {
            const std::streamsize got = filter_.read(source_, out.data() + before, output_step);
            out.resize(before + static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
            return got < 0;
        } catch (const typename format::early_end& error) {
            keep_written(out);
            fail(format::is_early(error));
        } catch (const std::exception&) {
            keep_written(out);
            fail(false);
        }
    }

    // The filter that threw does not say how much it had written. A capture is text: what was written ends in no zero.
    static void keep_written(std::string& out) { out.resize(out.find_last_not_of('\0') + 1); }

    [[noreturn]] static void fail(bool early) {
        throw inflate_error("the " + std::string(format::name) + (early ? " data ends too early" : " data is corrupt"));
    }

    void begin_stream() {
        // May own what source_.rest shows.
        std::string rest = filter_.unconsumed_input() + std::string(source_.rest);
        rest_ = std::move(rest);
        source_.rest = rest_;
        filter_.close(source_, std::ios_base::in);
        between_streams_ = true;
    }

    void probe(std::string& out) {
        std::string last;
        try {
            // Byte by byte: with a whole frame at hand, zstd would forget a frame header of which it has a part.
            for (std::size_t at = 0; at < format::probe.size(); ++at) {
                source_.piece = format::probe.substr(at, 1);
                step(last);
            }
        } catch (const inflate_error&) {
            fail(true);
        }
        if (!last.ends_with(format::probe.back())) fail(true);
        out += last.substr(0, last.size() - 1);
    }

    typename format::filter filter_ = format::make();
    piece_source source_;
    std::string rest_;
    bool between_streams_ = false;
    std::uint64_t taken_ = 0;
};

}  // namespace

void drain(inflater& from, std::string& out, std::size_t step) {
    for (std::size_t before = out.size() + 1; before != out.size();) {
        before = out.size();
        from.feed({}, out, step);
    }
    from.finish(out);
}

bool may_become_magic(std::string_view beginning) {
    return std::ranges::any_of(magics, [&](std::string_view magic) {
        return beginning.size() < magic.size() && magic.starts_with(beginning);
    });
}

std::unique_ptr<inflater> make_inflater(std::string_view beginning) {
    if (beginning.starts_with(gzip_magic)) return std::make_unique<filtered<gzip_format>>();
    if (beginning.starts_with(zstd_magic)) return std::make_unique<filtered<zstd_format>>();
    if (beginning.starts_with(xz_magic)) return std::make_unique<filtered<xz_format>>();
    if (beginning.starts_with(bzip2_magic)) return std::make_unique<filtered<bzip2_format>>();
    return std::make_unique<plain>();
}

}  // namespace cpg

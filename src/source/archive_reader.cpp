// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/archive_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/limits.hpp"

namespace cpg {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t tar_magic_at = 257;
constexpr std::string_view tar_magic = "ustar";
// APPNOTE.TXT 4.3: a file, the end of an empty archive, the mark of one in parts.
constexpr std::array zip_magics = {"PK\x03\x04"sv, "PK\x05\x06"sv, "PK\x07\x08"sv};
constexpr std::size_t seeking_block_bytes = 1U << 16U;
constexpr std::size_t most_name_bytes = 253;

archive* new_reader() {
    archive* const out = archive_read_new();
    if (!out) throw std::bad_alloc();
    archive_read_support_format_tar(out);
    archive_read_support_format_zip(out);
    return out;
}

// Names in another encoding than the locale's have no text here.
std::string name_of(archive_entry* entry, std::size_t number) {
    const char* name = archive_entry_pathname_utf8(entry);
    if (!name) name = archive_entry_pathname(entry);
    return name ? std::string(name).substr(0, most_name_bytes) : "file " + std::to_string(number);
}

}  // namespace

bool begins_zip(std::string_view beginning) {
    return std::ranges::any_of(zip_magics, [&](std::string_view magic) { return beginning.starts_with(magic); });
}

bool begins_archive(std::string_view beginning) {
    if (begins_zip(beginning)) return true;
    return beginning.size() > tar_magic_at && beginning.substr(tar_magic_at).starts_with(tar_magic);
}

void archive_reader::free_archive::operator()(archive* of) const {
    archive_read_free(of);
}

archive_reader::archive_reader(block_source blocks) : blocks_(std::move(blocks)), archive_(new_reader()) {
    check(archive_read_open(archive_.get(), this, nullptr, read_block, nullptr));
}

archive_reader::archive_reader(int descriptor) : archive_(new_reader()) {
    check(archive_read_open_fd(archive_.get(), descriptor, seeking_block_bytes));
}

archive_reader::~archive_reader() = default;

long archive_reader::read_block(archive* of, void* self, const void** block) {
    auto& reader = *static_cast<archive_reader*>(self);
    try {
        const std::string_view bytes = reader.blocks_();
        *block = bytes.data();
        return static_cast<long>(bytes.size());
    } catch (...) {
        reader.failure_ = std::current_exception();
        archive_set_error(of, EIO, "unreadable");
        return -1;
    }
}

void archive_reader::check(int status) {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (status < ARCHIVE_WARN) fail();
}

void archive_reader::fail() {
    const char* const text = archive_error_string(archive_.get());
    throw archive_error(text ? "the archive is damaged: " + std::string(text) : "the archive is damaged");
}

std::optional<std::string> archive_reader::next() {
    for (;;) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(archive_.get(), &entry);
        if (status == ARCHIVE_EOF && !failure_) return std::nullopt;
        check(status);
        if (++entries_ > limits::capture_files)
            throw archive_error("the archive has more than " + std::to_string(limits::capture_files) + " entries");
        if (archive_entry_filetype(entry) != S_IFREG || archive_entry_hardlink(entry)) continue;
        if (archive_entry_is_encrypted(entry))
            throw archive_error("the archive is encrypted: unpack it first, and give cpg the folder");
        return name_of(entry, entries_);
    }
}

std::uint64_t archive_reader::position() const {
    return static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(archive_.get(), -1), 0));
}

// Blocks without bytes are holes of a sparse file.
std::string_view archive_reader::read() {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
        const int status = archive_read_data_block(archive_.get(), &block, &size, &offset);
        if (status == ARCHIVE_EOF && !failure_) return {};
        check(status);
        if (size > 0) return {static_cast<const char*>(block), size};
    }
}

}  // namespace cpg

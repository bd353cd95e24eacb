// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// tar and zip archives as other programs write them, through libarchive. One thread.

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cpg::test {

enum class archive_format { tar, gnu_tar, zip };

struct archive_member {
    std::string name;
    std::string content;
    unsigned type = AE_IFREG;
};

inline std::string archived(const std::vector<archive_member>& members, archive_format format) {
    const std::unique_ptr<archive, int (*)(archive*)> out(archive_write_new(), archive_write_free);
    switch (format) {
        case archive_format::tar: archive_write_set_format_pax_restricted(out.get()); break;
        case archive_format::gnu_tar: archive_write_set_format_gnutar(out.get()); break;
        case archive_format::zip: archive_write_set_format_zip(out.get()); break;
    }
    const auto write = [](archive*, void* to, const void* bytes, std::size_t size) {
        static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
        return static_cast<la_ssize_t>(size);
    };
    // Without padding behind the end.
    archive_write_set_bytes_in_last_block(out.get(), 1);
    std::string bytes;
    if (archive_write_open(out.get(), &bytes, nullptr, write, nullptr) != ARCHIVE_OK) throw std::runtime_error("open");
    for (const archive_member& member : members) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), member.name.c_str());
        archive_entry_set_filetype(entry.get(), member.type);
        archive_entry_set_perm(entry.get(), 0644);
        if (member.type == AE_IFLNK) archive_entry_set_symlink(entry.get(), member.content.c_str());
        if (member.type == AE_IFREG)
            archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.content.size()));
        if (archive_write_header(out.get(), entry.get()) != ARCHIVE_OK) throw std::runtime_error("header");
        if (member.type == AE_IFREG) archive_write_data(out.get(), member.content.data(), member.content.size());
    }
    archive_write_close(out.get());
    return bytes;
}

}  // namespace cpg::test

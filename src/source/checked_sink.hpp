// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where a chain of Boost.Iostreams ends in a file: keeps the first failure, for the library forgets those of a stream
// that is being closed, with its last bytes. What comes after it is not written. One thread at a time.

#include <unistd.h>

#include <boost/iostreams/categories.hpp>
#include <cerrno>
#include <cstddef>
#include <ios>

#include "base/descriptor.hpp"

namespace cpg {

struct checked_sink {
    using char_type = char;
    using category = boost::iostreams::sink_tag;

    std::streamsize write(const char* bytes, std::streamsize size) {
        for (std::streamsize at = 0; at < size && *error == 0;) {
            const ssize_t done =
                uninterrupted([&] { return ::write(file, bytes + at, static_cast<std::size_t>(size - at)); });
            if (done < 0)
                *error = errno;
            else
                at += done;
        }
        return size;
    }

    int file;    ///< stays open
    int* error;  ///< the system's, 0 as long as there is none; outlives the chain
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Standard output. Written at once, so that a full disk is noticed while there is somebody to tell. Any thread.

#include <string_view>

namespace cpg {

/// Writes to standard output. After a failure nothing more is written.
void print(std::string_view text);

/// Throws fatal_error when something could not be written. A reader that went away, as `| head` does, wanted no more:
/// that is no failure.
void check_printed();

/// Opens what is closed of the descriptors 0 to 2 in a way that nothing can be written to: the next file that is opened
/// must not become standard output. Before anything is opened.
void reserve_standard_descriptors();

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace cpg {

std::optional<std::size_t> terminal_columns(int descriptor) {
    winsize size{};
    if (!::isatty(descriptor) || ::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

bool can_rewrite_lines(int descriptor) {
    const char* const term = std::getenv("TERM");
    return term && *term && std::string_view(term) != "dumb" && ::isatty(descriptor);
}

bool has_colour(int descriptor, colour_choice choice) {
    if (choice != colour_choice::automatic) return choice == colour_choice::always;
    const char* const no_colour = std::getenv("NO_COLOR");
    return !(no_colour && *no_colour) && can_rewrite_lines(descriptor);
}

}  // namespace cpg

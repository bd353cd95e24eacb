// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/mapped_window.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>
#include <string>

namespace cpg {

namespace {

// What the handler may look at: lock-free, never moved. `end` is set last and cleared first.
struct guarded_range {
    std::atomic<std::uintptr_t> begin = 0;
    std::atomic<std::uintptr_t> end = 0;
    std::atomic<bool> taken = false;
    std::atomic<bool> cut = false;
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

std::array<guarded_range, 64> guarded;
const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));

bool fill_with_zeros(std::uintptr_t at) {
    void* const page = reinterpret_cast<void*>(at & ~(page_bytes - 1));
    return ::mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page;
}

void on_bus_error(int number, siginfo_t* info, void*) {
    const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (guarded_range& each : guarded)
        if (at < each.end.load() && at >= each.begin.load() && fill_with_zeros(at)) {
            each.cut = true;
            return;
        }
    // Nobody's: with the usual action the access, which is made again, ends the process.
    ::signal(number, SIG_DFL);
}

// Each time: whoever else wants this signal may have come meanwhile.
void install_handler() {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    if (::sigaction(SIGBUS, &action, nullptr) != 0) throw std::runtime_error("no handler for SIGBUS");
}

std::size_t guard(const char* begin, std::size_t length) {
    for (std::size_t slot = 0; slot < guarded.size(); ++slot) {
        guarded_range& each = guarded[slot];
        if (each.taken.exchange(true)) continue;
        each.cut = false;
        each.begin = reinterpret_cast<std::uintptr_t>(begin);
        each.end = each.begin + length;
        return slot;
    }
    throw std::runtime_error("too many mapped files");
}

}  // namespace

mapped_window::mapped_window(int descriptor, std::uint64_t from, std::size_t length) {
    install_handler();
    const std::uint64_t skipped = from % static_cast<std::uint64_t>(boost::iostreams::mapped_file_source::alignment());
    // The file that is open, whatever its name means by now.
    file_.open("/proc/self/fd/" + std::to_string(descriptor), length + skipped,
               static_cast<boost::iostreams::stream_offset>(from - skipped));
    bytes_ = std::string_view(file_.data() + skipped, length);
    slot_ = guard(file_.data(), length + skipped);
}

mapped_window::~mapped_window() {
    guarded[slot_].end = 0;
    guarded[slot_].taken = false;
}

bool mapped_window::was_cut() const {
    return guarded[slot_].cut;
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/overlapped_calls.hpp"

#include <system_error>
#include <utility>

namespace cpg {

std::future<void> overlapped_calls::start(std::function<void()> call) {
    struct place {
        std::shared_ptr<places> of;
        explicit place(std::shared_ptr<places> from) : of(std::move(from)) { of->acquire(); }
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place() { of->release(); }
    };
    auto held = std::make_shared<place>(free_);
    try {
        // The place is given back when the call ends, and not when somebody asks for its result.
        return std::async(std::launch::async, [held, call]() mutable {
            const auto to_the_end = std::move(held);
            call();
        });
    } catch (const std::system_error&) {
        return std::async(std::launch::deferred, std::move(call));
    }
}

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/deadline.hpp"

#include <utility>

namespace cpg {

deadline::deadline(const asio::any_io_executor& executor, steady_time when, std::function<void()> action)
    : timer_(executor) {
    timer_.arm(when, [passed = passed_, act = std::move(action)] {
        *passed = true;
        act();
    });
}

}  // namespace cpg

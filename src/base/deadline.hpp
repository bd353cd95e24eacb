// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Bounds an operation in time: unless the object is gone by then, its action runs on the executor. The action
// closes what the operation waits for. Made, used and destroyed on that executor, which never runs two
// handlers at once.

#include <functional>
#include <memory>

#include "base/rearmed_timer.hpp"

namespace cpg {

class deadline {
  public:
    deadline(const asio::any_io_executor& executor, steady_time when, std::function<void()> action);

    bool passed() const { return *passed_; }

  private:
    const std::shared_ptr<bool> passed_ = std::make_shared<bool>(false);
    rearmed_timer timer_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// When the writer does not come back, from a file system that has gone away say, a stop must not wait for it: all but
// the file that it hangs at is written by another writer, which begins with what is on disk. Every call belongs to the
// session strand.

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/activity.hpp"
#include "base/log.hpp"
#include "base/rearmed_timer.hpp"
#include "session/flusher.hpp"
#include "session/result.hpp"
#include "session/settings.hpp"
#include "session/shards.hpp"

namespace cpg {

class rescue {
  public:
    static constexpr std::chrono::seconds time_for_rest{10};  ///< for all files but the one that hangs

    /// `writing` is what the writer does at the moment. `owner` has all that is given here; a thread that hangs keeps
    /// it.
    rescue(asio::any_io_executor strand, const session_settings& settings, const activity& writing,
           const flusher& writer, shards& sums, logger& log);

    /// From when a stop is wanted until stop(); may be called more than once. `done` follows where the writer had to be
    /// given up.
    void watch(const std::weak_ptr<void>& owner, std::function<void()> done);
    void stop();

    /// The files are another writer's work; the first may still be at its own.
    bool has_replaced_writer() const { return rest_.has_value(); }
    /// What became of the files, where the writer did not come back in time.
    void add_to(session_result& result) const;

  private:
    using policies_by_folder = std::map<std::filesystem::path, std::vector<policy>>;
    struct rest {
        std::size_t written = 0;
        std::size_t unchanged = 0;
        std::size_t failed = 0;
    };

    void await_tick();
    void on_tick();
    void give_up_on(const std::string& path);
    void write_rest(policies_by_folder policies);
    void on_rest(rest counts);

    const asio::any_io_executor strand_;
    const session_settings& settings_;
    const activity& writing_;
    const flusher& flusher_;
    shards& shards_;
    logger& log_;
    rearmed_timer timer_;
    std::weak_ptr<void> owner_;
    std::function<void()> done_;
    std::string problem_;
    std::optional<rest> rest_;
};

}  // namespace cpg

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/session.hpp"

#include <utility>

#include "base/left_to_kernel.hpp"
#include "session/engine.hpp"

namespace cpg {

namespace {

// Goes with the engine, unless that is left to the kernel.
class engine_holder {
  public:
    engine_holder(session_settings settings, logger& log, bool writes)
        : engine_(std::make_shared<session_engine>(std::move(settings), log, writes)) {}
    engine_holder(const engine_holder&) = delete;
    engine_holder& operator=(const engine_holder&) = delete;
    ~engine_holder() {
        if (engine_->leave()) leave_to_kernel(std::move(engine_));
    }

    session_engine* operator->() const { return engine_.get(); }

  private:
    std::shared_ptr<session_engine> engine_;
};

}  // namespace

session_result run_session(session_settings settings, logger& log, const source_maker& make_source) {
    const engine_holder engine(std::move(settings), log, true);
    return engine->run(make_source);
}

session_result add_up_session(session_settings settings, logger& log, const source_maker& make_source,
                              const std::function<void(const session_sums&, const session_result&)>& take) {
    const engine_holder engine(std::move(settings), log, false);
    session_result result = engine->run(make_source);
    take(result.stuck ? session_sums{} : engine->sums(), result);
    return result;
}

}  // namespace cpg

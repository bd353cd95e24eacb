// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/shutdown.hpp"

namespace cpg {

session_action shutdown_machine::go(session_phase to, session_action action) {
    phase_ = to;
    return action;
}

session_action shutdown_machine::on(session_event event) {
    using enum session_phase;
    switch (event) {
        case session_event::stop_wanted:
            return phase_ == running ? go(stopping, session_action::stop_source) : session_action::none;
        case session_event::input_ended:
            return phase_ <= stopping ? go(draining, session_action::wait_for_shards) : session_action::none;
        case session_event::all_added:
            return phase_ == draining ? go(flushing, session_action::flush) : session_action::none;
        case session_event::all_written:
            return phase_ == flushing ? go(done, session_action::finish) : session_action::none;
        case session_event::out_of_time:
            // What has been added up is written; what is stuck is given up.
            return phase_ == stopping || phase_ == draining ? go(flushing, session_action::flush)
                                                            : session_action::none;
    }
    return session_action::none;
}

}  // namespace cpg

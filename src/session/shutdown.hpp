// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The life of a session as a machine without I/O: feed it an event, do the action that it returns. End of input, end
// of --duration, a lost stream and a signal are different first events of one path, so nothing received is lost on any
// of them. One thread at a time (the session strand).

#include <cstdint>

namespace cpg {

enum class session_phase : std::uint8_t {
    running,
    stopping,  ///< the source has been asked to end
    draining,  ///< the source has ended; what it delivered is still being added up
    flushing,  ///< the last flush is on its way to disk
    done,
};

enum class session_event : std::uint8_t {
    stop_wanted,  ///< a signal, or the end of --duration
    input_ended,  ///< the source's last word
    all_added,    ///< nothing is in flight between source and shards
    all_written,  ///< the last flush is on disk
    out_of_time,  ///< stopping or draining took too long
};

enum class session_action : std::uint8_t { none, stop_source, wait_for_shards, flush, finish };

class shutdown_machine {
  public:
    session_action on(session_event event);
    session_phase phase() const { return phase_; }

  private:
    session_action go(session_phase to, session_action action);

    session_phase phase_ = session_phase::running;
};

}  // namespace cpg

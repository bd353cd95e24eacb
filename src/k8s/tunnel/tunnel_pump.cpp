// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/tunnel_pump.hpp"

#include <array>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <optional>
#include <system_error>

#include "base/text.hpp"

namespace cpg::k8s {

namespace {

using clock = std::chrono::steady_clock;

// A wake-up that is never missed as long as the condition is looked at and awaited without a suspension
// between.
class wake_up {
  public:
    explicit wake_up(const asio::any_io_executor& executor) : timer_(executor) {
        timer_.expires_at(clock::time_point::max());
    }

    void notify() { timer_.cancel(); }
    asio::awaitable<void> wait() {
        asio::error_code woken;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }

  private:
    asio::steady_timer timer_;
};

class pump {
  public:
    pump(const asio::any_io_executor& executor, connection& server, tunnel_codec& codec,
         asio::local::stream_protocol::socket& local, const pump_times& times)
        : executor_(executor),
          server_(server),
          codec_(codec),
          local_(local),
          times_(times),
          to_write_(executor),
          written_(executor) {}

    asio::awaitable<std::string> run();

  private:
    asio::awaitable<void> from_server();
    asio::awaitable<void> from_local();
    asio::awaitable<void> to_server();
    asio::awaitable<void> keep_alive();
    asio::awaitable<void> take(std::string_view bytes);
    asio::awaitable<void> to_local(const std::string& data);
    asio::awaitable<void> until_written(std::size_t most);
    asio::awaitable<void> ended_by(asio::awaitable<void> loop);
    bool is_silent() const { return reading_since_ && clock::now() - *reading_since_ > times_.silence; }

    asio::any_io_executor executor_;
    connection& server_;
    tunnel_codec& codec_;
    asio::local::stream_protocol::socket& local_;
    const pump_times times_;
    wake_up to_write_;
    wake_up written_;
    bool writing_ = false;
    std::optional<clock::time_point> reading_since_;
    std::optional<deadline> last_words_;
    std::string problem_;
};

constexpr std::size_t most_output = 256U << 10U;

// Waits until at most `most` bytes are on their way to the server.
asio::awaitable<void> pump::until_written(std::size_t most) {
    while (codec_.output_size() > most || (most == 0 && writing_)) {
        to_write_.notify();
        co_await written_.wait();
    }
}

asio::awaitable<void> pump::take(std::string_view bytes) {
    codec_.feed(bytes);
    to_write_.notify();
    const std::string data = codec_.take_data();
    if (!data.empty()) co_await to_local(data);
    if (codec_.pod_closed() && !codec_.over() && !last_words_)
        last_words_.emplace(executor_, clock::now() + times_.last_words, [this] { server_.close(); });
    co_await until_written(most_output);
}

// gRPC may have closed its end with bytes still on their way to it: an end like any other, and no fault of the pod's.
asio::awaitable<void> pump::to_local(const std::string& data) {
    asio::error_code gone;
    co_await asio::async_write(local_, asio::buffer(data), asio::redirect_error(asio::use_awaitable, gone));
    if (gone) throw std::system_error(asio::error::eof);
}

asio::awaitable<void> pump::from_server() {
    std::array<char, 32768> buffer{};
    while (!codec_.over()) {
        reading_since_ = clock::now();
        const std::size_t count = co_await server_.read_some(asio::buffer(buffer));
        reading_since_.reset();
        co_await take({buffer.data(), count});
    }
}

asio::awaitable<void> pump::from_local() {
    std::array<char, 32768> buffer{};
    while (!codec_.ready())
        co_await written_.wait();
    for (;;) {
        co_await until_written(0);
        asio::error_code error;
        const std::size_t count =
            co_await local_.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        if (error) break;
        codec_.send({buffer.data(), count});
    }
    codec_.close();
    co_await until_written(0);
}

asio::awaitable<void> pump::to_server() {
    for (;;) {
        // Also wakes those who wait for ready(), which changes just before there is something to write or not
        // at all.
        written_.notify();
        while (codec_.output_size() == 0) {
            co_await to_write_.wait();
            written_.notify();
        }
        const std::string bytes = codec_.take_output();
        writing_ = true;
        co_await server_.write(bytes);
        writing_ = false;
    }
}

asio::awaitable<void> pump::keep_alive() {
    asio::steady_timer timer(executor_);
    for (;;) {
        timer.expires_after(times_.keep_alive);
        co_await timer.async_wait(asio::use_awaitable);
        if (is_silent()) throw cluster_error("no sign of life from the API server");
        if (codec_.output_size() > most_output) continue;
        codec_.keep_alive();
        to_write_.notify();
    }
}

// The first loop to end ends the others, so each ends without a throw and the first reason is kept.
asio::awaitable<void> pump::ended_by(asio::awaitable<void> loop) {
    try {
        co_await std::move(loop);
    } catch (const std::system_error& error) {
        const bool plain_end = error.code() == asio::error::eof || error.code() == asio::error::operation_aborted;
        if (problem_.empty() && !plain_end) problem_ = "the tunnel broke: " + connect_reason(error.code());
    } catch (const cluster_error& error) {
        if (problem_.empty()) problem_ = error.what();
    }
}

asio::awaitable<std::string> pump::run() {
    using namespace asio::experimental::awaitable_operators;
    bool late = false;
    const deadline ready(executor_, clock::now() + times_.ready, [this, &late] {
        late = !codec_.ready();
        if (late) server_.close();
    });
    co_await (ended_by(from_server()) || ended_by(from_local()) || ended_by(to_server()) || ended_by(keep_alive()));
    server_.close();
    if (!codec_.error_text().empty()) co_return std::string(trim(codec_.error_text()));
    if (late) co_return "the node did not answer to the port-forward in time";
    co_return problem_;
}

}  // namespace

asio::awaitable<std::string> pump_tunnel(connection& server, tunnel_codec& codec,
                                         asio::local::stream_protocol::socket& local, pump_times times) {
    pump whole(co_await asio::this_coro::executor, server, codec, local, times);
    co_return co_await whole.run();
}

}  // namespace cpg::k8s

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/tunnelled_source.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace cpg {

void tunnelled_source::start(flow_receiver& receiver) {
    receiver_ = &receiver;
    asio::co_spawn(strand_, tunnel_->start(until_),
                   asio::bind_cancellation_slot(cancel_.slot(),
                                                [this](std::exception_ptr error) { on_tunnel(std::move(error)); }));
}

void tunnelled_source::on_tunnel(std::exception_ptr error) {
    if (stopped_) return on_end({});
    try {
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return on_end({.problem = failure.what()});
    }
    started_ = true;
    inner_->start(*this);
    inner_->request(std::exchange(requested_, 0));
}

void tunnelled_source::request(std::size_t pieces) {
    if (started_)
        inner_->request(pieces);
    else
        requested_ += pieces;
}

void tunnelled_source::stop() {
    stopped_ = true;
    if (started_)
        inner_->stop();
    else
        cancel_.emit(asio::cancellation_type::all);
}

void tunnelled_source::on_input(piece_ptr piece) {
    receiver_->on_input(std::move(piece));
}

void tunnelled_source::on_end(source_end end) {
    tunnel_->stop();
    receiver_->on_end(std::move(end));
}

}  // namespace cpg

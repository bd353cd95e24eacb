// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/capture_writer.hpp"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <boost/iostreams/filter/gzip.hpp>
#include <cerrno>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "observer/observer.pb.h"
#include "source/checked_sink.hpp"

namespace cpg {

namespace {

namespace io = boost::iostreams;

// As hubble prints it: the members' names as they stand in the definitions.
bool add_line(const observer::GetFlowsResponse& message, std::string& out) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string line;
    if (!google::protobuf::util::MessageToJsonString(message, &line, options).ok()) return false;
    out += line;
    out += '\n';
    return true;
}

}  // namespace

capture_writer::capture_writer(std::string path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0)
        throw fatal_error("can't write --capture-file " + printable(path_) + ": " +
                          std::generic_category().message(errno));
}

// A file that is no file, as a pipe, has nothing to be emptied of.
void capture_writer::begin() {
    if (std::exchange(has_begun_, true)) return;
    [[maybe_unused]] const int emptied = ::ftruncate(descriptor_, 0);
    if (path_.ends_with(".gz")) out_.push(io::gzip_compressor());
    out_.push(checked_sink{.file = descriptor_, .error = &error_});
}

capture_writer::~capture_writer() {
    if (has_begun_) finish();
    ::close(descriptor_);
}

// The text is made before the lock is taken: it is most of the work.
void capture_writer::write(std::span<const std::string_view> messages, const flow_batch& batch) {
    append(print(messages, batch));
}

// A flow that came before, in this batch or another, is not in the batch any more; of those without a uuid, which can't
// be told apart, all are kept.
capture_writer::printed capture_writer::print(std::span<const std::string_view> messages, const flow_batch& batch) {
    std::unordered_set<std::string_view> uuids;
    for (const flow& each : batch.flows)
        uuids.insert(each.uuid);
    printed out;
    for (const std::string_view bytes : messages) {
        observer::GetFlowsResponse message;
        const bool is_read = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
        const std::string& uuid = message.flow().uuid();
        if (is_read && message.has_flow() && !uuid.empty() && uuids.erase(uuid) == 0) continue;
        const bool is_printed = is_read && add_line(message, out.text);
        ++(is_printed ? out.lines : out.left_out);
    }
    return out;
}

void capture_writer::append(const printed& piece) {
    const std::lock_guard lock(mutex_);
    left_out_ += piece.left_out;
    begin();
    if (!problem_.empty() || piece.text.empty()) return;
    out_.write(piece.text.data(), static_cast<std::streamsize>(piece.text.size()));
    if (!out_.good() && error_ == 0) error_ = EIO;
    if (error_ == 0) lines_ += piece.lines;
    note_error();
}

void capture_writer::note_error() {
    if (error_ != 0 && problem_.empty())
        problem_ = "can't write --capture-file " + printable(path_) + ": " + std::generic_category().message(error_);
}

void capture_writer::write_rest() {
    try {
        out_.reset();
    } catch (const std::exception&) {
        if (error_ == 0) error_ = EIO;
    }
    note_error();
}

std::string capture_writer::finish() {
    const std::lock_guard lock(mutex_);
    begin();
    if (!out_.empty()) write_rest();
    if (problem_.empty() && left_out_ > 0)
        problem_ = "--capture-file " + printable(path_) + " is not whole: " + std::to_string(left_out_) +
                   " messages can't be written as JSON, for they are damaged";
    return problem_;
}

std::uint64_t capture_writer::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

}  // namespace cpg

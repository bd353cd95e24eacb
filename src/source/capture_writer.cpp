// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/capture_writer.hpp"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <boost/iostreams/device/file_descriptor.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <cerrno>
#include <system_error>
#include <unordered_set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "observer/observer.pb.h"

namespace cpg {

namespace {

namespace io = boost::iostreams;

// A flow that came before is not in the batch any more; one without a uuid can't be told from others and is kept.
bool is_wanted(const observer::GetFlowsResponse& message, const std::unordered_set<std::string_view>& uuids) {
    return !message.has_flow() || message.flow().uuid().empty() || uuids.contains(message.flow().uuid());
}

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
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0)
        throw fatal_error("can't write --capture-file " + printable(path_) + ": " +
                          std::generic_category().message(errno));
    if (path_.ends_with(".gz")) out_.push(io::gzip_compressor());
    out_.push(io::file_descriptor_sink(descriptor_, io::never_close_handle));
    out_.exceptions(std::ios::badbit | std::ios::failbit);
}

capture_writer::~capture_writer() {
    finish();
    ::close(descriptor_);
}

// The text is made before the lock is taken: it is most of the work.
void capture_writer::write(const flow_batch& batch) {
    std::unordered_set<std::string_view> uuids;
    for (const flow& each : batch.flows)
        uuids.insert(each.uuid);
    std::string text;
    std::uint64_t lines = 0;
    for (const std::string_view bytes : batch.messages) {
        observer::GetFlowsResponse message;
        if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) && is_wanted(message, uuids))
            lines += add_line(message, text);
    }
    append(text, lines);
}

void capture_writer::append(const std::string& text, std::uint64_t lines) {
    const std::lock_guard lock(mutex_);
    if (!problem_.empty() || text.empty()) return;
    errno = 0;
    try {
        out_.write(text.data(), static_cast<std::streamsize>(text.size()));
        lines_ += lines;
    } catch (const std::ios_base::failure&) {
        fail();
    }
}

void capture_writer::fail() {
    problem_ = "can't write --capture-file " + printable(path_) + ": " +
               (errno ? std::generic_category().message(errno) : "write failed");
}

std::string capture_writer::finish() {
    const std::lock_guard lock(mutex_);
    if (!out_.empty()) {
        errno = 0;
        try {
            out_.reset();
        } catch (const std::exception&) {
            if (problem_.empty()) fail();
        }
    }
    return problem_;
}

std::uint64_t capture_writer::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

}  // namespace cpg

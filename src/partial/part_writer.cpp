// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/part_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "source/checked_sink.hpp"

namespace cpg {

namespace io = boost::iostreams;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view zstd_suffix = ".zst";

// Behind its links, so that the file that they lead to is replaced and not the link.
std::string behind_links(const std::string& path) {
    std::error_code failed;
    const fs::path out = fs::is_symlink(path, failed) ? fs::weakly_canonical(path, failed) : fs::path(path);
    return failed || out.empty() ? path : out.string();
}

// A pipe or device has no name to be given.
bool is_written_in_place(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

part_writer::part_writer(std::string path) : shown_(path == "-" ? "standard output" : printable(path)) {
    if (path == "-")
        file_ = descriptor(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    else if (is_written_in_place(path))
        file_ = descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    else
        open_beside(behind_links(path));
    if (!file_) fail(errno);
    push(path);
}

std::unique_ptr<part_writer> part_writer::temporary() {
    const char* const wanted = std::getenv("TMPDIR");
    const std::string folder = wanted && *wanted ? wanted : "/tmp";
    std::unique_ptr<part_writer> out(new part_writer);
    out->shown_ = "a temporary file in " + printable(folder) + " (TMPDIR names another folder)";
    std::string name = folder + "/cpg-part-XXXXXX";
    out->file_ = descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!out->file_) out->fail(errno);
    ::unlink(name.c_str());
    out->push(zstd_suffix);
    return out;
}

part_writer::~part_writer() {
    try {
        out_.reset();
    } catch (const std::exception&) {
        // It was not finished: nobody reads it.
    }
    if (!beside_.empty()) ::unlink(beside_.c_str());
}

// Flows are sensitive: what is new is the user's alone.
void part_writer::open_beside(const std::string& target) {
    const fs::path at(target);
    std::string name = (at.parent_path() / ("." + at.filename().string() + ".XXXXXX")).string();
    std::error_code ignored;
    file_ = descriptor(fs::is_directory(at, ignored) ? (errno = EISDIR, -1) : ::mkostemp(name.data(), O_CLOEXEC));
    if (!file_) return;
    target_ = target;
    beside_ = std::move(name);
}

void part_writer::push(std::string_view name) {
    if (name.ends_with(".gz"))
        out_.push(io::gzip_compressor(io::gzip_params(io::gzip::best_speed)));
    else if (name.ends_with(zstd_suffix))
        out_.push(io::zstd_compressor(io::zstd_params(io::zstd::best_speed)));
    out_.push(checked_sink{.file = file_.get(), .error = &error_}, limits::mib);
}

void part_writer::check_written() const {
    if (error_ != 0) fail(error_);
    if (!out_.good()) fail(0);
}

void part_writer::fail(int code) const {
    throw fatal_error("can't write the part to " + shown_ + ": " +
                      (code ? std::generic_category().message(code) : std::string("write failed")));
}

// A line that could not be read again is worse than none.
void part_writer::line(std::string_view text) {
    if (text.size() > limits::part_line_bytes)
        throw fatal_error("can't write the part to " + shown_ + ": a line would have " + std::to_string(text.size()) +
                          " bytes, and " + std::to_string(limits::part_line_bytes) +
                          " are the most that is read; leave flows out, or keep fewer samples");
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    out_.put('\n');
    check_written();
}

void part_writer::finish() {
    out_.reset();
    if (error_ != 0) fail(error_);
    if (target_.empty()) return;
    if (::fsync(file_.get()) != 0 && errno != EINVAL) fail(errno);
    if (::rename(beside_.c_str(), target_.c_str()) != 0) fail(errno);
    beside_.clear();
}

std::string part_writer::path_of_temporary() const {
    return "/proc/self/fd/" + std::to_string(file_.get());
}

}  // namespace cpg

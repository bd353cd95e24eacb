// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Calls on names and folders.

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "shim.hpp"

namespace {

using cpg::faults::call;
using cpg::faults::kind;
using cpg::faults::path_of;
using cpg::faults::real;

int do_renameat(const char* name, int from_folder, const char* from, int to_folder, const char* to) {
    const std::string old_path = path_of(from_folder, from);
    const std::string new_path = path_of(to_folder, to);
    call here(kind::rename, new_path, {old_path, new_path});
    return here.run(
        [&] { return real<int(int, const char*, int, const char*)>(name)(from_folder, from, to_folder, to); }, -1);
}

int do_remove(const char* name, const char* path) {
    const std::string full = path_of(AT_FDCWD, path);
    call here(kind::unlink, full, {full});
    return here.run([&] { return real<int(const char*)>(name)(path); }, -1);
}

}  // namespace

REPLACES(int, rename, const char* from, const char* to) {
    return do_renameat("renameat", AT_FDCWD, from, AT_FDCWD, to);
}

REPLACES(int, renameat, int from_folder, const char* from, int to_folder, const char* to) {
    return do_renameat("renameat", from_folder, from, to_folder, to);
}

REPLACES(int, renameat2, int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
    const std::string old_path = path_of(from_folder, from);
    const std::string new_path = path_of(to_folder, to);
    call here(kind::rename, new_path, {old_path, new_path});
    return here.run(
        [&] {
            return real<int(int, const char*, int, const char*, unsigned)>("renameat2")(from_folder, from, to_folder,
                                                                                        to, flags);
        },
        -1);
}

REPLACES(int, unlink, const char* path) {
    return do_remove("unlink", path);
}
REPLACES(int, rmdir, const char* path) {
    return do_remove("rmdir", path);
}
REPLACES(int, remove, const char* path) {
    return do_remove("remove", path);
}

REPLACES(int, unlinkat, int folder, const char* path, int flags) {
    const std::string full = path_of(folder, path);
    call here(kind::unlink, full, {full});
    return here.run([&] { return real<int(int, const char*, int)>("unlinkat")(folder, path, flags); }, -1);
}

REPLACES(int, mkdir, const char* path, mode_t mode) {
    const std::string full = path_of(AT_FDCWD, path);
    call here(kind::mkdir, full, {full});
    return here.run([&] { return real<int(const char*, mode_t)>("mkdir")(path, mode); }, -1);
}

REPLACES(int, mkdirat, int folder, const char* path, mode_t mode) {
    const std::string full = path_of(folder, path);
    call here(kind::mkdir, full, {full});
    return here.run([&] { return real<int(int, const char*, mode_t)>("mkdirat")(folder, path, mode); }, -1);
}

REPLACES(int, statx, int folder, const char* path, int flags, unsigned mask, struct statx* to) {
    call here(kind::stat, path_of(folder, path));
    return here.run(
        [&] {
            return real<int(int, const char*, int, unsigned, struct statx*)>("statx")(folder, path, flags, mask, to);
        },
        -1);
}

REPLACES(int, access, const char* path, int mode) {
    call here(kind::stat, path_of(AT_FDCWD, path));
    return here.run([&] { return real<int(const char*, int)>("access")(path, mode); }, -1);
}

REPLACES(int, faccessat, int folder, const char* path, int mode, int flags) {
    call here(kind::stat, path_of(folder, path));
    return here.run([&] { return real<int(int, const char*, int, int)>("faccessat")(folder, path, mode, flags); }, -1);
}

REPLACES(DIR*, opendir, const char* path) {
    call here(kind::list, path_of(AT_FDCWD, path));
    return here.run([&] { return real<DIR*(const char*)>("opendir")(path); }, static_cast<DIR*>(nullptr));
}

REPLACES(DIR*, fdopendir, int fd) {
    call here(kind::list, path_of(fd, nullptr));
    return here.run([&] { return real<DIR*(int)>("fdopendir")(fd); }, static_cast<DIR*>(nullptr));
}

REPLACES(int, link, const char* from, const char* to) {
    const std::string new_path = path_of(AT_FDCWD, to);
    call here(kind::link, new_path, {new_path});
    return here.run([&] { return real<int(const char*, const char*)>("link")(from, to); }, -1);
}

REPLACES(int, linkat, int from_folder, const char* from, int to_folder, const char* to, int flags) {
    const std::string new_path = path_of(to_folder, to);
    call here(kind::link, new_path, {new_path});
    return here.run(
        [&] {
            return real<int(int, const char*, int, const char*, int)>("linkat")(from_folder, from, to_folder, to,
                                                                                flags);
        },
        -1);
}

REPLACES(int, symlink, const char* text, const char* path) {
    const std::string full = path_of(AT_FDCWD, path);
    call here(kind::link, full, {full});
    return here.run([&] { return real<int(const char*, const char*)>("symlink")(text, path); }, -1);
}

REPLACES(int, chmod, const char* path, mode_t mode) {
    call here(kind::chmod, path_of(AT_FDCWD, path));
    return here.run([&] { return real<int(const char*, mode_t)>("chmod")(path, mode); }, -1);
}

REPLACES(int, fchmod, int fd, mode_t mode) {
    call here(kind::chmod, path_of(fd, nullptr));
    return here.run([&] { return real<int(int, mode_t)>("fchmod")(fd, mode); }, -1);
}

REPLACES(int, fchmodat, int folder, const char* path, mode_t mode, int flags) {
    call here(kind::chmod, path_of(folder, path));
    return here.run([&] { return real<int(int, const char*, mode_t, int)>("fchmodat")(folder, path, mode, flags); },
                    -1);
}

REPLACES(int, flock, int fd, int what) {
    call here(kind::lock, path_of(fd, nullptr));
    return here.run([&] { return real<int(int, int)>("flock")(fd, what); }, -1);
}

REPLACES(char*, realpath, const char* path, char* to) {
    call here(kind::resolve, path_of(AT_FDCWD, path));
    return here.run([&] { return real<char*(const char*, char*)>("realpath")(path, to); }, static_cast<char*>(nullptr));
}

REPLACES(ssize_t, readlink, const char* path, char* to, size_t room) {
    call here(kind::resolve, path_of(AT_FDCWD, path));
    return here.run([&] { return real<ssize_t(const char*, char*, size_t)>("readlink")(path, to, room); }, ssize_t{-1});
}

REPLACES(ssize_t, readlinkat, int folder, const char* path, char* to, size_t room) {
    call here(kind::resolve, path_of(folder, path));
    return here.run(
        [&] { return real<ssize_t(int, const char*, char*, size_t)>("readlinkat")(folder, path, to, room); },
        ssize_t{-1});
}

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Calls on files that are open or being opened.

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cstdarg>

#include "shim.hpp"

namespace {

using cpg::faults::call;
using cpg::faults::kind;
using cpg::faults::path_of;
using cpg::faults::real;

mode_t mode_in(int flags, va_list& rest) {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

std::vector<std::string> entries_of_open(const std::string& path, int flags) {
    return (flags & O_CREAT) != 0 ? std::vector{path} : std::vector<std::string>{};
}

int do_open(const char* name, const char* path, int flags, mode_t mode) {
    const std::string full = path_of(AT_FDCWD, path);
    call here(kind::open, full, entries_of_open(full, flags));
    return here.run([&] { return real<int(const char*, int, mode_t)>(name)(path, flags, mode); }, -1);
}

int do_openat(const char* name, int folder, const char* path, int flags, mode_t mode) {
    const std::string full = path_of(folder, path);
    call here(kind::open, full, entries_of_open(full, flags));
    return here.run([&] { return real<int(int, const char*, int, mode_t)>(name)(folder, path, flags, mode); }, -1);
}

int do_checked_open(const char* name, const char* path, int flags) {
    call here(kind::open, path_of(AT_FDCWD, path));
    return here.run([&] { return real<int(const char*, int)>(name)(path, flags); }, -1);
}

int do_checked_openat(const char* name, int folder, const char* path, int flags) {
    call here(kind::open, path_of(folder, path));
    return here.run([&] { return real<int(int, const char*, int)>(name)(folder, path, flags); }, -1);
}

// The name that is made is known only afterwards.
int do_mkostemp(const char* name, char* path, int flags) {
    call here(kind::open, path_of(AT_FDCWD, path));
    return here.run(
        [&] {
            const int fd = real<int(char*, int)>(name)(path, flags);
            if (fd >= 0) here.made(path_of(AT_FDCWD, path));
            return fd;
        },
        -1);
}

FILE* do_fopen(const char* name, const char* path, const char* mode) {
    const std::string full = path_of(AT_FDCWD, path);
    call here(kind::open, full, entries_of_open(full, *mode == 'r' ? 0 : O_CREAT));
    return here.run([&] { return real<FILE*(const char*, const char*)>(name)(path, mode); },
                    static_cast<FILE*>(nullptr));
}

ssize_t do_pread(const char* name, int fd, void* to, size_t size, off_t at) {
    call here(kind::read, path_of(fd, nullptr));
    return here.run([&] { return real<ssize_t(int, void*, size_t, off_t)>(name)(fd, to, size, at); }, ssize_t{-1});
}

ssize_t do_pwrite(const char* name, int fd, const void* from, size_t size, off_t at) {
    call here(kind::write, path_of(fd, nullptr));
    return here.run(
        [&] { return real<ssize_t(int, const void*, size_t, off_t)>(name)(fd, from, here.length(size), at); },
        ssize_t{-1});
}

int do_stat(const char* name, const char* path, struct stat* to) {
    call here(kind::stat, path_of(AT_FDCWD, path));
    return here.run([&] { return real<int(const char*, struct stat*)>(name)(path, to); }, -1);
}

int do_fstat(const char* name, int fd, struct stat* to) {
    call here(kind::stat, path_of(fd, nullptr));
    return here.run([&] { return real<int(int, struct stat*)>(name)(fd, to); }, -1);
}

int do_fstatat(const char* name, int folder, const char* path, struct stat* to, int flags) {
    call here(kind::stat, path_of(folder, path));
    return here.run([&] { return real<int(int, const char*, struct stat*, int)>(name)(folder, path, to, flags); }, -1);
}

int do_truncate(const char* name, const char* path, off_t size) {
    call here(kind::truncate, path_of(AT_FDCWD, path));
    return here.run([&] { return real<int(const char*, off_t)>(name)(path, size); }, -1);
}

int do_ftruncate(const char* name, int fd, off_t size) {
    call here(kind::truncate, path_of(fd, nullptr));
    return here.run([&] { return real<int(int, off_t)>(name)(fd, size); }, -1);
}

// A null pointer is also the end of the folder, which is no failure: only errno tells.
dirent* do_readdir(const char* name, DIR* folder) {
    call here(kind::list, path_of(::dirfd(folder), nullptr));
    return here.run([&] { return real<dirent*(DIR*)>(name)(folder); }, static_cast<dirent*>(nullptr));
}

bool is_lock(int command) {
    return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

int do_fcntl(const char* name, int fd, int command, void* what) {
    if (!is_lock(command)) return real<int(int, int, void*)>(name)(fd, command, what);
    call here(kind::lock, path_of(fd, nullptr));
    return here.run([&] { return real<int(int, int, void*)>(name)(fd, command, what); }, -1);
}

int do_sync(const char* name, int fd) {
    call here(kind::sync, path_of(fd, nullptr));
    return here.run([&] { return real<int(int)>(name)(fd); }, -1);
}

}  // namespace

#define REPLACES_OPEN(name)                                 \
    REPLACES(int, name, const char* path, int flags, ...) { \
        va_list rest;                                       \
        va_start(rest, flags);                              \
        const mode_t mode = mode_in(flags, rest);           \
        va_end(rest);                                       \
        return do_open(#name, path, flags, mode);           \
    }
#define REPLACES_OPENAT(name)                                           \
    REPLACES(int, name, int folder, const char* path, int flags, ...) { \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        const mode_t mode = mode_in(flags, rest);                       \
        va_end(rest);                                                   \
        return do_openat(#name, folder, path, flags, mode);             \
    }
#define REPLACES_FCNTL(name)                        \
    REPLACES(int, name, int fd, int command, ...) { \
        va_list rest;                               \
        va_start(rest, command);                    \
        void* const what = va_arg(rest, void*);     \
        va_end(rest);                               \
        return do_fcntl(#name, fd, command, what);  \
    }

REPLACES_OPEN(open)
REPLACES_OPEN(open64)
REPLACES_OPENAT(openat)
REPLACES_OPENAT(openat64)
REPLACES_FCNTL(fcntl)
REPLACES_FCNTL(fcntl64)

REPLACES_BOTH(int, creat, (const char* path, mode_t mode), (path, mode), [](const char*, const char* at, mode_t as) {
    return do_open("open64", at, O_CREAT | O_WRONLY | O_TRUNC, as);
})
REPLACES_BOTH(int, mkostemp, (char* path, int flags), (path, flags), do_mkostemp)
REPLACES_BOTH(int, mkstemp, (char* path), (path, 0),
              [](const char*, char* at, int flags) { return do_mkostemp("mkostemp64", at, flags); })
REPLACES_BOTH(FILE*, fopen, (const char* path, const char* mode), (path, mode), do_fopen)
REPLACES_BOTH(ssize_t, pread, (int fd, void* to, size_t size, off_t at), (fd, to, size, at), do_pread)
REPLACES_BOTH(ssize_t, pwrite, (int fd, const void* from, size_t size, off_t at), (fd, from, size, at), do_pwrite)
REPLACES_BOTH(int, stat, (const char* path, struct stat* to), (path, to), do_stat)
REPLACES_BOTH(int, lstat, (const char* path, struct stat* to), (path, to), do_stat)
REPLACES_BOTH(int, fstat, (int fd, struct stat* to), (fd, to), do_fstat)
REPLACES_BOTH(int, fstatat, (int folder, const char* path, struct stat* to, int flags), (folder, path, to, flags),
              do_fstatat)
REPLACES_BOTH(int, truncate, (const char* path, off_t size), (path, size), do_truncate)
REPLACES_BOTH(int, ftruncate, (int fd, off_t size), (fd, size), do_ftruncate)
REPLACES_BOTH(dirent*, readdir, (DIR * folder), (folder), do_readdir)

// What fortified callers use in place of open().
REPLACES(int, __open_2, const char* path, int flags) {
    return do_checked_open("__open_2", path, flags);
}
REPLACES(int, __open64_2, const char* path, int flags) {
    return do_checked_open("__open64_2", path, flags);
}
REPLACES(int, __openat_2, int folder, const char* path, int flags) {
    return do_checked_openat("__openat_2", folder, path, flags);
}
REPLACES(int, __openat64_2, int folder, const char* path, int flags) {
    return do_checked_openat("__openat64_2", folder, path, flags);
}

REPLACES(ssize_t, read, int fd, void* to, size_t size) {
    call here(kind::read, path_of(fd, nullptr));
    return here.run([&] { return real<ssize_t(int, void*, size_t)>("read")(fd, to, size); }, ssize_t{-1});
}

REPLACES(ssize_t, __read_chk, int fd, void* to, size_t size, size_t room) {
    call here(kind::read, path_of(fd, nullptr));
    return here.run([&] { return real<ssize_t(int, void*, size_t, size_t)>("__read_chk")(fd, to, size, room); },
                    ssize_t{-1});
}

REPLACES(ssize_t, readv, int fd, const struct iovec* to, int count) {
    call here(kind::read, path_of(fd, nullptr));
    return here.run([&] { return real<ssize_t(int, const struct iovec*, int)>("readv")(fd, to, count); }, ssize_t{-1});
}

REPLACES(ssize_t, write, int fd, const void* from, size_t size) {
    call here(kind::write, path_of(fd, nullptr));
    return here.run([&] { return real<ssize_t(int, const void*, size_t)>("write")(fd, from, here.length(size)); },
                    ssize_t{-1});
}

REPLACES(ssize_t, writev, int fd, const struct iovec* from, int count) {
    call here(kind::write, path_of(fd, nullptr));
    struct iovec first = *from;
    first.iov_len = here.length(first.iov_len);
    const bool is_whole = first.iov_len == from->iov_len;
    return here.run(
        [&] {
            const auto write_all = real<ssize_t(int, const struct iovec*, int)>("writev");
            return is_whole ? write_all(fd, from, count) : write_all(fd, &first, 1);
        },
        ssize_t{-1});
}

REPLACES(int, close, int fd) {
    call here(kind::close, path_of(fd, nullptr));
    return here.run([&] { return real<int(int)>("close")(fd); }, -1);
}

REPLACES(int, fsync, int fd) {
    return do_sync("fsync", fd);
}
REPLACES(int, fdatasync, int fd) {
    return do_sync("fdatasync", fd);
}
REPLACES(int, syncfs, int fd) {
    return do_sync("syncfs", fd);
}

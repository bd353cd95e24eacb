// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

#pragma once

// Stands between a program and the C library (LD_PRELOAD): every call that reads or changes files passes through here.
// The names are given as labels of the assembler, for the headers declare these functions with attributes, and the
// 64-bit variants under the same names.

#include <dlfcn.h>

#include "steering.hpp"

#define REPLACES(result, name, ...)                                                               \
    extern "C" __attribute__((visibility("default"))) result shim_##name(__VA_ARGS__) asm(#name); \
    result shim_##name(__VA_ARGS__)

// Both a function and its 64-bit variant: the types are the same on 64-bit machines.
#define REPLACES_BOTH(result, name, params, args, body) \
    REPLACES(result, name, EXPAND params) {             \
        return body(#name, EXPAND args);                \
    }                                                   \
    REPLACES(result, name##64, EXPAND params) {         \
        return body(#name "64", EXPAND args);           \
    }
#define EXPAND(...) __VA_ARGS__

namespace cpg::faults {

/// What the program would have called.
template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace cpg::faults

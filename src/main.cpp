// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/commands.hpp"

int main(int argc, char** argv) {
    return cpg::run_cpg(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/child_process.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstddef>
#include <thread>

#include "support/api_stand_in.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;

namespace {

// For the calling thread alone, and for good: pidfd_open answers as a kernel before 5.3 does.
bool deny_pidfd_open(std::uint32_t answer) {
    std::array<sock_filter, 4> program = {{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog filter = {.len = program.size(), .filter = program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

child_result run_shell(const std::string& script, std::chrono::milliseconds patience = 20s) {
    asio::io_context context;
    return test::run(context, run_child({.command = "/bin/sh",
                                         .args = {"-c", script},
                                         .env = {},
                                         .inherit_stdin = false,
                                         .most_output = 1000,
                                         .until = std::chrono::steady_clock::now() + patience}));
}

void check_children() {
    const child_result plain = run_shell("echo token; exit 3");
    BOOST_TEST(plain.output == "token\n");
    BOOST_TEST(plain.exit_code == 3);
    BOOST_TEST((!plain.timed_out && !plain.too_much));
    // The pipe is closed long before the end; before it on the slowest machine, too.
    BOOST_TEST(run_shell("exec >&-; sleep 0.2; exit 4").exit_code == 4);
    const child_result late = run_shell("exec sleep 60", 100ms);
    BOOST_TEST((late.timed_out && late.exit_code == -1));
    BOOST_TEST(run_shell("while :; do echo much; done").too_much);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_process_suite)

BOOST_AUTO_TEST_CASE(a_child_gives_its_output_and_its_end) {
    check_children();
}

BOOST_AUTO_TEST_CASE(kernels_and_sandboxes_without_pidfd_open_will_do) {
    for (const int answer : {ENOSYS, EPERM}) {
        std::thread alone([&] {
            BOOST_TEST(deny_pidfd_open(static_cast<std::uint32_t>(answer)));
            BOOST_TEST(::syscall(SYS_pidfd_open, ::getpid(), 0) == -1);
            check_children();
        });
        alone.join();
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

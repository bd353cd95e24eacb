// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/container_runtime.hpp"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/digest.hpp"
#include "cri.grpc.pb.h"
#include "support/patience.hpp"

namespace cpg::test {

namespace {

using namespace std::chrono_literals;

// Runs a program to its end with its output in `log`; returns its exit code.
int run_program(std::vector<std::string> words, const std::string& log, pid_t* leave_running = nullptr) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = -1;
    const int failed = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error(words[0] + " can't be started");
    if (leave_running) {
        *leave_running = pid;
        return 0;
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void need_file(const char* path, const char* package) {
    if (::access(path, X_OK) != 0)
        throw std::runtime_error(std::string(path) + " is missing (package " + package + ")");
}

}  // namespace

struct container_runtime::service {
    std::unique_ptr<runtime::v1::RuntimeService::Stub> stub;

    template <typename Request, typename Answer>
    grpc::Status call(grpc::Status (runtime::v1::RuntimeService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                                Answer*),
                      const Request& request, Answer* answer) const {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + 20s);
        context.set_authority("localhost");
        context.set_wait_for_ready(true);
        return (stub.get()->*method)(&context, request, answer);
    }
};

container_runtime::container_runtime(const std::string& idle_timeout) {
    if (::geteuid() != 0) throw std::runtime_error("containerd needs root");
    need_file("/usr/bin/containerd", "containerd");
    need_file("/usr/sbin/runc", "runc");
    need_file("/bin/busybox", "busybox-static");
    write_config(idle_timeout);
    make_image();
    try {
        start();
        run_pod();
    } catch (...) {
        stop();
        throw;
    }
}

container_runtime::~container_runtime() {
    stop();
}

void container_runtime::write_config(const std::string& idle_timeout) const {
    const std::string here = dir_.path().string();
    write_text(dir_ / "config.toml",
               "version = 2\nroot = \"" + here + "/root\"\nstate = \"" + here + "/state\"\n[grpc]\n  address = \"" +
                   here +
                   "/containerd.sock\"\n[plugins.\"io.containerd.grpc.v1.cri\"]\n"
                   // Raising a process above others' OOM score takes a capability that test machines lack.
                   "  restrict_oom_score_adj = true\n  sandbox_image = \"exp.local/pause:1\"\n"
                   "  stream_server_address = \"127.0.0.1\"\n  stream_server_port = \"0\"\n  "
                   "stream_idle_timeout = \"" +
                   idle_timeout +
                   "\"\n  [plugins.\"io.containerd.grpc.v1.cri\".containerd]\n    snapshotter = \"native\"\n"
                   "  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n"
                   "    runtime_type = \"io.containerd.runc.v2\"\n"
                   "  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n"
                   "    BinaryName = \"/usr/sbin/runc\"\n");
}

void container_runtime::make_image() const {
    const std::string here = dir_.path().string();
    for (const char* folder : {"layer/bin", "layer/proc", "layer/dev", "layer/etc", "layer/sys"})
        std::filesystem::create_directories(dir_ / folder);
    std::filesystem::copy_file("/bin/busybox", dir_ / "layer/bin/busybox");
    if (run_program({"tar", "-C", here + "/layer", "-cf", here + "/layer.tar", "."}, here + "/log") != 0)
        throw std::runtime_error("tar failed");
    const std::string digest = sha256_hex(read_text(dir_ / "layer.tar"));
    write_text(dir_ / "config.json",
               R"({"architecture":"amd64","os":"linux","config":{"Entrypoint":["/bin/busybox","sleep","3600"]},)"
               R"("rootfs":{"type":"layers","diff_ids":["sha256:)" +
                   digest + "\"]}}");
    write_text(dir_ / "manifest.json",
               R"([{"Config":"config.json","RepoTags":["exp.local/pause:1"],"Layers":["layer.tar"]}])");
    if (run_program({"tar", "-C", here, "-cf", here + "/image.tar", "manifest.json", "config.json", "layer.tar"},
                    here + "/log") != 0)
        throw std::runtime_error("tar failed");
}

void container_runtime::start() {
    const std::string here = dir_.path().string();
    run_program({"containerd", "--config", here + "/config.toml"}, here + "/log", &pid_);
    const auto until = std::chrono::steady_clock::now() + patient(30s);
    while (std::chrono::steady_clock::now() < until) {
        if (::access((here + "/containerd.sock").c_str(), W_OK) == 0 &&
            run_program({"ctr", "-a", here + "/containerd.sock", "-n", "k8s.io", "images", "import", "--snapshotter",
                         "native", here + "/image.tar"},
                        here + "/log") == 0)
            return;
        std::this_thread::sleep_for(100ms);
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            break;
        }
    }
    throw std::runtime_error("containerd did not start: " + log());
}

void container_runtime::run_pod() {
    service_ = std::make_unique<service>();
    service_->stub = runtime::v1::RuntimeService::NewStub(
        grpc::CreateChannel("unix:" + (dir_ / "containerd.sock").string(), grpc::InsecureChannelCredentials()));
    runtime::v1::RunPodSandboxRequest request;
    auto& config = *request.mutable_config();
    config.mutable_metadata()->set_name("relay-0");
    config.mutable_metadata()->set_uid(dir_.path().filename().string());
    config.mutable_metadata()->set_namespace_("kube-system");
    config.set_log_directory((dir_ / "pods").string());
    auto& options = *config.mutable_linux()->mutable_security_context()->mutable_namespace_options();
    options.set_network(runtime::v1::NODE);
    runtime::v1::RunPodSandboxResponse answer;
    const grpc::Status status = service_->call(&runtime::v1::RuntimeService::Stub::RunPodSandbox, request, &answer);
    if (!status.ok()) throw std::runtime_error("no pod: " + status.error_message());
    pod_ = answer.pod_sandbox_id();
}

std::string container_runtime::port_forward_url(int port) {
    runtime::v1::PortForwardRequest request;
    request.set_pod_sandbox_id(pod_);
    request.add_port(port);
    runtime::v1::PortForwardResponse answer;
    const grpc::Status status = service_->call(&runtime::v1::RuntimeService::Stub::PortForward, request, &answer);
    if (!status.ok()) throw std::runtime_error("PortForward: " + status.error_message());
    return answer.url();
}

// Removing the pod ends its shim; what is left of mounts would keep the folder from being removed.
void container_runtime::stop() {
    if (!pod_.empty()) {
        runtime::v1::StopPodSandboxRequest halt;
        runtime::v1::StopPodSandboxResponse halted;
        halt.set_pod_sandbox_id(pod_);
        service_->call(&runtime::v1::RuntimeService::Stub::StopPodSandbox, halt, &halted);
        runtime::v1::RemovePodSandboxRequest remove;
        runtime::v1::RemovePodSandboxResponse removed;
        remove.set_pod_sandbox_id(pod_);
        service_->call(&runtime::v1::RuntimeService::Stub::RemovePodSandbox, remove, &removed);
        pod_.clear();
    }
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    if (!eventually([this] { return ::waitpid(pid_, nullptr, WNOHANG) != 0; }, 5s)) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    pid_ = -1;
}

std::string container_runtime::log() const {
    const std::string text = read_text(dir_ / "log");
    return text.size() < 600 ? text : text.substr(text.size() - 600);
}

}  // namespace cpg::test

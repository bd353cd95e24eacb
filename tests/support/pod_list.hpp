// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// PodLists as an API server answers them.

#include <string>

namespace cpg::test {

inline std::string pod(const std::string& name, const std::string& ready = "True",
                       const std::string& phase = "Running") {
    return R"({"metadata":{"name":")" + name + R"("},"status":{"phase":")" + phase +
           R"(","conditions":[{"type":"PodScheduled","status":"True"},{"type":"Ready","status":")" + ready + "\"}]}}";
}

inline std::string pod_list(const std::string& items) {
    return R"({"kind":"PodList","apiVersion":"v1","items":[)" + items + "]}";
}

}  // namespace cpg::test

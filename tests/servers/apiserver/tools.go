// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

//go:build tools

// Package tools names the programs that are built as they are.
package tools

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
)

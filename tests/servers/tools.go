// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

//go:build tools

// What is built as it is: hubble-relay and hubble.
package main

import (
	_ "github.com/cilium/cilium/hubble-relay/cmd"
	_ "github.com/cilium/cilium/hubble/cmd"
)

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// servers has cpg listen to real servers, and counts what it makes of flows that are known one by one.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"servers/agent"
	"servers/cluster"
	"servers/hubble"
	"servers/scenario"
)

func main() {
	err := fmt.Errorf("usage: servers run|agent FLAGS")
	if len(os.Args) > 1 {
		switch command, args := os.Args[1], os.Args[2:]; command {
		case "agent":
			err = agent.Run(args)
		case "run":
			err = run(args)
		}
	}
	if errors.Is(err, errBad) {
		os.Exit(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "servers:", err)
		os.Exit(3)
	}
}

// errBad is that of a run to its end with scenarios that went wrong.
var errBad = errors.New("a scenario is bad")

func run(args []string) error {
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	cpg := flags.String("cpg", "", "the binary to test")
	programs := flags.String("programs", "", "folder of what is started")
	source := flags.String("source", ".", "the project's folder")
	work := flags.String("work", "", "folder of its own; what a bad scenario wrote stays there")
	only := flags.String("only", "", "regular expression: only scenarios with such names")
	keep := flags.Bool("keep", false, "what good scenarios wrote stays as well")
	flags.Parse(args)
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if *cpg, err = filepath.Abs(*cpg); err != nil {
		return err
	}
	if *programs, err = filepath.Abs(*programs); err != nil {
		return err
	}
	if *work, err = filepath.Abs(*work); err != nil {
		return err
	}
	of := func(name string) string { return filepath.Join(*programs, name) }
	hubbles := hubble.Programs{CPG: *cpg, Self: self, Relay: of("hubble-relay"), Observe: of("hubble")}
	manifests, err := filepath.Glob(filepath.Join(*source, "packaging", "kubernetes", "*.yaml"))
	if err != nil {
		return err
	}
	inCluster, end := cluster.Scenarios(cluster.Programs{Hubble: hubbles, Etcd: of("etcd"), API: of("kube-apiserver"),
		Kubelet: of("kubelet"), RBAC: filepath.Join(*source, "docs", "rbac.yaml"),
		Manifests: manifests, WorkingFolder: filepath.Join(*work, "cluster")})
	defer end()
	scenarios := append(hubble.Scenarios(hubbles), inCluster...)
	bad, err := scenario.RunAll(*work, scenarios, scenario.Choice{Names: pattern, Keep: *keep})
	if err == nil && bad > 0 {
		err = errBad
	}
	return err
}

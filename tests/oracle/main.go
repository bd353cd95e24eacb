// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// oracle judges the policies that cpg writes with Cilium's own code.
package main

import (
	"flag"
	"fmt"
	"os"

	"oracle/judge"
	"oracle/runner"
	"oracle/verdicts"
)

func main() {
	flag.Usage = usage
	if len(os.Args) < 2 {
		usage()
		os.Exit(2)
	}
	var err error
	ok := false
	switch command, args := os.Args[1], os.Args[2:]; command {
	case "judge":
		ok, err = judgeFolder(args)
	case "run":
		ok, err = runAll(args)
	case "verify":
		ok, err = verifyAll(args)
	default:
		usage()
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	if !ok {
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, `usage: oracle judge [-l7] [-before FOLDER] FOLDER CAPTURE
       oracle run -cpg BINARY -source FOLDER -work FOLDER [-seed N] [-rounds N]
       oracle verify -cpg BINARY -work FOLDER [-seed N] [-flows N]
`)
}

func judgeFolder(args []string) (bool, error) {
	flags := flag.NewFlagSet("judge", flag.ExitOnError)
	l7 := flags.Bool("l7", false, "cpg ran with --l7")
	before := flags.String("before", "", "the folder as it was before the merge")
	flags.Parse(args)
	if flags.NArg() != 2 {
		usage()
		os.Exit(2)
	}
	if err := judge.Configure(); err != nil {
		return false, err
	}
	schema, err := judge.LoadSchema()
	if err != nil {
		return false, err
	}
	report, err := judge.Judge(schema, judge.Case{Folder: flags.Arg(0), Before: *before, Capture: flags.Arg(1), L7: *l7})
	if err != nil {
		return false, err
	}
	findings := report.Findings()
	for _, text := range findings {
		fmt.Println(text)
	}
	fmt.Printf("%d flows that a policy mends, %d findings; by design: %d grouped, %d refined, %d denied by a person\n",
		report.Asks, len(findings), report.Grouped, report.Refined, report.DeniedByPerson)
	return len(findings) == 0, nil
}

// Both modes need the binary and a folder of their own.
func prepare(flags *flag.FlagSet, args []string, cpg, work *string) error {
	flags.Parse(args)
	if flags.NArg() != 0 || *cpg == "" || *work == "" {
		usage()
		os.Exit(2)
	}
	return judge.Configure()
}

func runAll(args []string) (bool, error) {
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	var options runner.Options
	flags.StringVar(&options.CPG, "cpg", "", "the binary to judge")
	flags.StringVar(&options.Source, "source", ".", "the project's folder")
	flags.StringVar(&options.Work, "work", "", "a folder of its own: cleared, and left with what failed")
	flags.Uint64Var(&options.Seed, "seed", 1, "of the random worlds")
	flags.IntVar(&options.Rounds, "rounds", 30, "random worlds")
	if err := prepare(flags, args, &options.CPG, &options.Work); err != nil {
		return false, err
	}
	findings, err := runner.Run(options)
	return findings == 0, err
}

func verifyAll(args []string) (bool, error) {
	flags := flag.NewFlagSet("verify", flag.ExitOnError)
	var options verdicts.Options
	flags.StringVar(&options.CPG, "cpg", "", "the binary to compare")
	flags.StringVar(&options.Work, "work", "", "a folder of its own: cleared, and left with what disagrees")
	flags.Uint64Var(&options.Seed, "seed", 1, "of the random worlds")
	flags.IntVar(&options.Flows, "flows", 100_000, "flows to compare, at least")
	if err := prepare(flags, args, &options.CPG, &options.Work); err != nil {
		return false, err
	}
	disagreements, err := verdicts.Run(options)
	return disagreements == 0, err
}

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package capture reads Hubble flows and says which of them a policy can mend, and what each of those asks for.
package capture

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	observerpb "github.com/cilium/cilium/api/v1/observer"
	"google.golang.org/protobuf/encoding/protojson"
)

// Line is a flow and where it stands in the capture, from 1.
type Line struct {
	Number int
	Flow   *flowpb.Flow
}

// As Hubble's own reader is: members that a newer agent added are passed over.
var lenient = protojson.UnmarshalOptions{DiscardUnknown: true}

// Read gives the flows of a capture of one JSON object a line. What is no flow, or none that Hubble's types can hold, is
// left out: it asks for nothing.
func Read(path string) ([]Line, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	var out []Line
	for number := 1; ; number++ {
		text, err := in.ReadBytes('\n')
		if flow := parse(text); flow != nil {
			out = append(out, Line{number, flow})
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, number, err)
		}
	}
}

// parse takes a line of `hubble observe -o jsonpb`, and the bare flow that older versions printed.
func parse(text []byte) *flowpb.Flow {
	var response observerpb.GetFlowsResponse
	if lenient.Unmarshal(text, &response) != nil {
		return nil
	}
	if response.GetFlow() != nil {
		return response.GetFlow()
	}
	var bare flowpb.Flow
	if !bytes.Contains(text, []byte(`"verdict"`)) || lenient.Unmarshal(text, &bare) != nil {
		return nil
	}
	return &bare
}

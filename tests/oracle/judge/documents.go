// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package judge gives Cilium's own verdict on policies: its CRD, its parser and its policy engine decide.
package judge

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/policy/api"
	k8syaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// The agent's log says again what its errors say.
var quiet = slog.New(slog.DiscardHandler)

// Document is one YAML document of a folder, as the API server would be given it.
type Document struct {
	File, Namespace, Name string
	Place                 int // in the file, from 1
	JSON                  []byte
	MadeByTool            bool     // labelled as cpg's, and its rules carry cpg's comments
	Rejected              []string // why the API server or the agent does not take it
}

// ReadFolder reads every policy below a folder; documents of other kinds that share a file with policies are passed over.
func ReadFolder(folder string) ([]*Document, error) {
	var out []*Document
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(path)) {
			return err
		}
		documents, err := readFile(path)
		out = append(out, documents...)
		return err
	})
	return out, err
}

func readFile(path string) ([]*Document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// kubectl passes over a byte order mark, the splitter does not.
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	reader := k8syaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	var out []*Document
	for place := 1; ; place++ {
		part, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		document := &Document{File: path, Place: place}
		if err == nil {
			err = document.parse(part)
		}
		if errors.Is(err, errOtherKind) {
			continue
		}
		if err != nil {
			document.Rejected = []string{err.Error()}
		}
		out = append(out, document)
	}
}

var errOtherKind = errors.New("not a policy")

// A comment that cpg writes over a rule begins with what the rule opens.
var toolComment = regexp.MustCompile(`(?m)^\s*# (TCP|UDP|SCTP|ICMP)`)

func (d *Document) parse(text []byte) error {
	converted, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	if string(bytes.TrimSpace(converted)) == "null" {
		return errOtherKind
	}
	var object map[string]any
	if err := json.Unmarshal(converted, &object); err != nil {
		return fmt.Errorf("not an object: %w", err)
	}
	if kind, _ := object["kind"].(string); !strings.HasPrefix(kind, "Cilium") {
		return errOtherKind
	}
	metadata, _ := object["metadata"].(map[string]any)
	if metadata != nil && metadata["namespace"] == nil {
		// As `kubectl apply -n` would, from the folder's name.
		metadata["namespace"] = filepath.Base(filepath.Dir(d.File))
	}
	d.Name, _ = metadata["name"].(string)
	d.Namespace, _ = metadata["namespace"].(string)
	labels, _ := metadata["labels"].(map[string]any)
	d.MadeByTool = labels["app.kubernetes.io/managed-by"] == "cpg" && toolComment.Match(text)
	d.JSON, err = json.Marshal(object)
	return err
}

// Rules parses anew each time, as Parse writes into what it is given. cluster is where the policy is applied.
func (d *Document) Rules(cluster string) (api.Rules, error) {
	policy := &ciliumv2.CiliumNetworkPolicy{}
	if err := json.Unmarshal(d.JSON, policy); err != nil {
		return nil, err
	}
	rules, err := policy.Parse(quiet, cluster)
	if err != nil {
		return nil, err
	}
	for _, rule := range rules {
		for i := range rule.Egress {
			// What stands behind a Service is not in a capture: nothing.
			if egress := &rule.Egress[i]; len(egress.ToServices) > 0 && len(egress.ToEndpoints) == 0 {
				egress.ToEndpoints = []api.EndpointSelector{}
			}
		}
	}
	return rules, nil
}

func (d *Document) String() string {
	return fmt.Sprintf("%s #%d", filepath.Join(filepath.Base(filepath.Dir(d.File)), filepath.Base(d.File)), d.Place)
}

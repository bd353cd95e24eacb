// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package hubble has cpg listen to Hubble's own agents through Hubble's own relay, while parts of them fail.
package hubble

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"servers/agent"
	"servers/census"
	"servers/process"
)

// Programs that a world is made of.
type Programs struct{ CPG, Self, Relay, Observe string }

// World is one relay, its nodes, and who listens.
type World struct {
	Programs Programs
	Folder   string
	Nodes    []*Node
	Address  string   // of relay
	Env      []string // of cpg

	peers    *peers
	relay    *process.Process
	relays   int
	CPG      *process.Process
	observe  *process.Process
	all      []*process.Process
	nextPort int
	fed      []census.Range
	ended    bool // cpg, as it was told to

	unsettled time.Time // until when flows may be served again
}

// The ports from here on belong to flows.
const firstPort = 1000

// NewWorld starts the agents, with clocks that are so far ahead, and relay.
func NewWorld(programs Programs, folder string, skews ...time.Duration) (*World, error) {
	w := &World{Programs: programs, Folder: folder, nextPort: firstPort}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return w, err
	}
	for i, skew := range skews {
		g, err := newGate()
		if err != nil {
			return w, err
		}
		node := &Node{name: fmt.Sprintf("node%d", i+1), skew: skew, gate: g, world: w}
		w.Nodes = append(w.Nodes, node)
		if err := node.start(); err != nil {
			return w, err
		}
	}
	var err error
	if w.peers, err = servePeers(w.Nodes); err != nil {
		return w, err
	}
	if w.Address, err = FreeAddress(); err != nil {
		return w, err
	}
	return w, w.StartRelay()
}

// FreeAddress gives a loopback address at which nobody listens.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

func (w *World) run(name, program string, args ...string) (*process.Process, error) {
	p, err := process.Start(name, process.Options{Folder: w.Folder}, program, args...)
	if err == nil {
		w.all = append(w.all, p)
	}
	return p, err
}

// StartRelay returns once relay has a connection to each node.
func (w *World) StartRelay() error {
	var err error
	w.relay, err = w.relayAt(w.Address)
	return err
}

// SecondRelay starts another relay of the same nodes, and gives its address.
func (w *World) SecondRelay() (string, error) {
	address, err := FreeAddress()
	if err != nil {
		return "", err
	}
	_, err = w.relayAt(address)
	return address, err
}

func (w *World) relayAt(address string) (*process.Process, error) {
	health, err := FreeAddress()
	if err != nil {
		return nil, err
	}
	w.relays++
	relay, err := w.run(fmt.Sprintf("relay-%d", w.relays), w.Programs.Relay, "serve", "--gops=false", "--disable-client-tls",
		"--disable-server-tls", "--listen-address", address, "--health-listen-address", health,
		"--peer-service", w.peers.address, "--retry-timeout", "1s")
	if err != nil {
		return nil, err
	}
	return relay, relay.Await("Connected", len(w.Nodes))
}

// Relay does not end while a client follows: its pod is given so long (terminationGracePeriodSeconds of Cilium's chart).
const relayGrace = time.Second

// RestartRelay has clients find nobody for a while.
func (w *World) RestartRelay(signal syscall.Signal, away time.Duration) error {
	w.relay.StopWithin(signal, relayGrace)
	time.Sleep(away)
	return w.StartRelay()
}

// Listen starts cpg and, beside it, `hubble observe`, and returns once both stand in the rings of these nodes.
func (w *World) Listen(nodes []*Node, args ...string) error { return w.listen(2, nodes, args...) }

// listen has so many followers in each ring.
func (w *World) listen(followers int, nodes []*Node, args ...string) error {
	if err := w.StartCPG(append([]string{"--server", w.Address}, args...)...); err != nil {
		return err
	}
	if err := w.StartObserve(); err != nil {
		return err
	}
	return each(nodes, func(n *Node) error { return n.Warm(followers) })
}

// StartCPG starts `cpg generate`.
func (w *World) StartCPG(args ...string) error {
	args = append([]string{"generate", "-n", agent.Namespace, "-o", w.policies(), "--evidence-dir", w.evidence(), "--flush-interval", "1s",
		"--debug"}, args...)
	var err error
	w.CPG, err = process.Start("cpg", process.Options{Folder: w.Folder, Env: w.Env}, w.Programs.CPG, args...)
	if err == nil {
		w.all = append(w.all, w.CPG)
	}
	return err
}

// StartObserve starts `hubble observe`, which ends when relay does.
func (w *World) StartObserve() error {
	var err error
	w.observe, err = process.Start("observe", process.Options{Folder: w.Folder, Output: w.capture()}, w.Programs.Observe, "observe",
		"--server", w.Address, "--follow", "--verdict", "DROPPED", "--output", "jsonpb")
	if err == nil {
		w.all = append(w.all, w.observe)
	}
	return err
}

func (w *World) policies() string { return filepath.Join(w.Folder, "policies") }
func (w *World) evidence() string { return filepath.Join(w.Folder, "evidence") }
func (w *World) capture() string  { return filepath.Join(w.Folder, "observe.jsonl") }

// Close ends all that runs.
func (w *World) Close() {
	for _, p := range slices.Backward(w.all) {
		p.Kill()
	}
	for _, node := range w.Nodes {
		node.gate.cut()
	}
	if w.peers != nil {
		w.peers.server.Stop()
	}
}

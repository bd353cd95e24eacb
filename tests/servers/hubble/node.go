// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package hubble

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"servers/census"
	"servers/process"
)

// Node is an agent and the way to it.
type Node struct {
	name  string
	skew  time.Duration
	gate  *gate
	agent *process.Process
	world *World
	run   int // how often its agent was started
}

func (n *Node) start() error {
	n.run++
	var err error
	n.agent, err = n.world.run(fmt.Sprintf("%s-%d", n.name, n.run), n.world.Programs.Self, "agent", "-node", n.name, "-skew", n.skew.String())
	if err != nil {
		return err
	}
	if err := n.agent.Await("listening ", 1); err != nil {
		return err
	}
	n.gate.lead(strings.TrimPrefix(n.agent.Last("listening "), "listening "))
	return nil
}

// Relay tells of a lost node up to ten seconds later (its error aggregation window); what a client does then, it does after that.
const lossIsKnownAfter = 13 * time.Second

// Restart kills the agent, and with it the ring, and starts another.
func (n *Node) Restart() error {
	n.agent.Kill()
	n.world.unsettled = time.Now().Add(lossIsKnownAfter)
	return n.start()
}

// Pause and Resume stop the agent in the middle of whatever it does.
func (n *Node) Pause()  { n.agent.Signal(syscall.SIGSTOP) }
func (n *Node) Resume() { n.agent.Signal(syscall.SIGCONT) }

// Cut takes the agent off the network for so long.
func (n *Node) Cut(length time.Duration) error {
	n.gate.cut()
	n.world.unsettled = time.Now().Add(lossIsKnownAfter)
	time.Sleep(length)
	return n.gate.mend()
}

// Warm returns once so many followers stand in the ring.
func (n *Node) Warm(followers int) error {
	before := n.agent.Count("warm ")
	if err := n.agent.Say("warm %d", followers); err != nil {
		return err
	}
	return n.agent.Await("warm ", before+1)
}

// Push sends so many flows that nobody counts, for relay keeps up to a hundred of those that seem to come from the future.
func (n *Node) Push() error { return n.agent.Say("push 150") }

// Feed starts to feed flows that cpg must count, each once.
func (n *Node) Feed(count, rate int) (*Feeding, error) {
	f := &Feeding{node: n, span: census.Range{First: n.world.nextPort, Count: count}}
	n.world.nextPort += count
	n.world.fed = append(n.world.fed, f.span)
	return f, n.agent.Say("feed %d %d %d", f.span.First, count, rate)
}

// Feeding is a feed under way.
type Feeding struct {
	node *Node
	span census.Range
}

// Done returns when all is fed.
func (f *Feeding) Done() error {
	return f.node.agent.Await(fmt.Sprintf("fed %d %d", f.span.First, f.span.Count), 1)
}

// each does something with all nodes at once.
func each(nodes []*Node, do func(*Node) error) error {
	errs := make([]error, len(nodes))
	var wait sync.WaitGroup
	for i, node := range nodes {
		wait.Add(1)
		go func() { defer wait.Done(); errs[i] = do(node) }()
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

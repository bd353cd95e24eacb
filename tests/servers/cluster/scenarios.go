// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package cluster

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"servers/hubble"
	"servers/process"
	"servers/scenario"
)

// stage is a scenario under way: one cluster, one relay in it.
type stage struct {
	*Cluster
	*hubble.World
	audit int64 // bytes of the log before it
	pods  []string
}

// An attempt every half second to five seconds; so many in the half minute for which there is no pod.
const mostListsInOutage, outage = 14, 25 * time.Second

// Scenarios share one cluster, which starts with the first of them. The function ends it.
func Scenarios(programs Programs) ([]scenario.Scenario, func()) {
	var shared *Cluster
	named := func(name, who string, play func(*stage) error) scenario.Scenario {
		return scenario.Scenario{Name: name, Run: func(folder string) (scenario.Result, error) {
			if shared == nil {
				var err error
				if shared, err = Start(programs); err != nil {
					return scenario.Result{}, err
				}
			}
			return shared.play(folder, who, play)
		}}
	}
	all := []scenario.Scenario{
		named("tunnel", user, plain),
		named("tunnel by SPDY", spdyUser, spdy),
		named("tunnel, first of two pods refuses", user, firstRefuses),
		named("tunnel, relay restarted", user, relayRestarted),
		named("tunnel, pod replaced", user, podReplaced),
		named("tunnel, no pod for a while", user, noPod),
		named("tunnel, 403 in the middle", user, forbidden),
		named("tunnel, API server restarted", user, apiRestarted),
		named("tunnel, API server restarted, 2", user, apiRestarted),
	}
	return all, func() {
		if shared != nil {
			shared.Close()
		}
	}
}

func (c *Cluster) play(folder, who string, play func(*stage) error) (scenario.Result, error) {
	w, err := hubble.NewWorld(c.Hubble, folder, 0)
	defer w.Close()
	if err != nil {
		return scenario.Result{}, err
	}
	w.Env = []string{"KUBECONFIG=" + c.path(who)}
	s := &stage{Cluster: c, World: w}
	defer s.removePods()
	if info, err := os.Stat(c.path("audit.log")); err == nil {
		s.audit = info.Size()
	}
	if err := play(s); err != nil {
		return scenario.Result{}, err
	}
	r, err := w.Result()
	if counts, err := s.asked(); err == nil {
		r.Beside = fmt.Sprintf("LISTs %d, tunnels asked for %d, 403s %d", counts.lists, counts.tunnels, counts.forbidden)
	}
	return r, err
}

func (s *stage) asked() (asked, error) { return readAudit(s.path("audit.log"), s.audit) }

func (s *stage) addPod(name, address string) error {
	s.pods = append(s.pods, name)
	return s.AddPod(name, address)
}

func (s *stage) removePods() {
	for _, name := range s.pods {
		_ = s.RemovePod(name) // it may be gone already
	}
}

// listen starts cpg by way of a pod.
func (s *stage) listen(args ...string) error {
	if err := s.addPod("hubble-relay-a", s.Address); err != nil {
		return err
	}
	return s.start(args...)
}

func (s *stage) start(args ...string) error {
	if err := s.StartCPG(args...); err != nil {
		return err
	}
	return s.Nodes[0].Warm(1)
}

// wantAsked is an error where the API server was asked for anything else.
func (s *stage) wantAsked(what string, fits func(asked) bool) error {
	counts, err := s.asked()
	if err == nil && !fits(counts) {
		err = fmt.Errorf("%d LISTs of pods and %d tunnels asked for: %s", counts.lists, counts.tunnels, what)
	}
	return err
}

func plain(s *stage) error {
	if err := s.listen("--l7"); err != nil {
		return err
	}
	if err := s.Feed(func() error { return nil }); err != nil {
		return err
	}
	if line := s.CPG.Last("L7 preflight"); line != "" {
		return fmt.Errorf("Envoy in the agent is fine, and yet: %s", line)
	}
	return s.wantAsked("one of each is enough", func(a asked) bool { return a.lists == 1 && a.tunnels == 1 })
}

// spdy may not use a WebSocket, which is what is tried first.
func spdy(s *stage) error {
	if err := s.listen(); err != nil {
		return err
	}
	if err := s.Feed(func() error { return nil }); err != nil {
		return err
	}
	return s.wantAsked("one, and a second tunnel after the refusal", func(a asked) bool { return a.lists == 1 && a.tunnels == 2 })
}

func firstRefuses(s *stage) error {
	nobody, err := hubble.FreeAddress()
	if err != nil {
		return err
	}
	if err := s.addPod("hubble-relay-a", nobody); err != nil {
		return err
	}
	if err := s.addPod("hubble-relay-b", s.Address); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	return s.Feed(func() error { return nil })
}

func relayRestarted(s *stage) error {
	if err := s.listen(); err != nil {
		return err
	}
	if err := s.Feed(func() error { return s.RestartRelay(syscall.SIGTERM, 2*time.Second) }); err != nil {
		return err
	}
	return s.wantAsked("one LIST and one tunnel an attempt", func(a asked) bool { return a.lists == a.tunnels && a.lists > 1 })
}

func podReplaced(s *stage) error {
	if err := s.listen(); err != nil {
		return err
	}
	return s.Feed(func() error {
		if err := s.RemovePod("hubble-relay-a"); err != nil {
			return err
		}
		time.Sleep(time.Second)
		return s.addPod("hubble-relay-b", s.Address)
	})
}

func noPod(s *stage) error {
	if err := s.listen(); err != nil {
		return err
	}
	err := s.Feed(func() error {
		if err := s.RemovePod("hubble-relay-a"); err != nil {
			return err
		}
		time.Sleep(outage)
		return s.AddPod("hubble-relay-a", s.Address)
	})
	if err != nil {
		return err
	}
	return s.wantAsked("too many LISTs, or a tunnel more than one before and one after",
		func(a asked) bool { return a.lists <= mostListsInOutage && a.tunnels == 2 })
}

// forbidden is what an API server says to everybody while it starts, until it has read who may do what.
func forbidden(s *stage) error {
	if err := s.listen(); err != nil {
		return err
	}
	return s.Feed(func() error {
		if err := s.Forbid(); err != nil {
			return err
		}
		defer s.Permit()
		before, err := s.asked()
		if err != nil {
			return err
		}
		// The pod is still there; only its tunnels end.
		pod := "hubble-relay-a"
		if err := s.tellNode("gone %s/%s", system, pod); err != nil {
			return err
		}
		if err := s.tellNode("pod %s/%s %s", system, pod, s.Address); err != nil {
			return err
		}
		refusedTwice := func() bool {
			counts, err := s.asked()
			return err == nil && counts.forbidden >= before.forbidden+2
		}
		if !process.Until(process.Patience, func() bool { return refusedTwice() || !s.CPG.Running() }) {
			return fmt.Errorf("cpg has not asked twice while it was refused")
		}
		return s.Permit()
	})
}

func apiRestarted(s *stage) error {
	if err := s.listen(); err != nil {
		return err
	}
	return s.Feed(s.RestartAPI)
}

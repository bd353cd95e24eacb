// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package hubble

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"servers/agent"
	"servers/scenario"
)

// Flows of a node: few enough that its ring keeps them all, so that none may be lost but with the ring.
const flows, rate = 2400, 400

// A follower of relay learns only after ten seconds that a node is lost (its error aggregation window).
const settleTime = 45 * time.Second

// Scenarios gives them all.
func Scenarios(programs Programs) []scenario.Scenario {
	make := func(name string, skews []time.Duration, play func(*World) error) scenario.Scenario {
		return scenario.Scenario{Name: name, Run: func(folder string) (scenario.Result, error) {
			w, err := NewWorld(programs, folder, skews...)
			defer w.Close()
			if err == nil {
				err = play(w)
			}
			if err != nil {
				return scenario.Result{}, err
			}
			return w.Result()
		}}
	}
	two, three := []time.Duration{0, 0}, []time.Duration{0, 0, 0}
	skewed := []time.Duration{0, -10 * time.Second, time.Hour}
	return []scenario.Scenario{
		make("plain", two, plain),
		make("since", two, since),
		make("agent frozen before the start", three, frozen),
		make("relay restarted", two, relayRestarted(syscall.SIGTERM)),
		make("relay killed", two, relayRestarted(syscall.SIGKILL)),
		make("relay restarted, clocks askew", skewed, relayRestarted(syscall.SIGTERM)),
		make("node cut for a second", two, nodeCut),
		make("node cut, clocks askew", skewed, nodeCut),
		make("node cut after relay restarted", two, cutAfterRestart),
		make("agent restarted", two, agentRestarted),
		make("all of it, clocks askew", skewed, everything),
		make("two relays of the same nodes", two, twoRelays),
	}
}

func nothing() error { return nil }

func plain(w *World) error {
	if err := w.Listen(w.Nodes); err != nil {
		return err
	}
	if err := w.Feed(nothing); err != nil {
		return err
	}
	return w.liveEqualsReplay()
}

// twoRelays has each flow come twice, until the first relay goes away for a while.
func twoRelays(w *World) error {
	second, err := w.SecondRelay()
	if err != nil {
		return err
	}
	if err := w.listen(3, w.Nodes, "--server", second); err != nil {
		return err
	}
	return w.Feed(func() error {
		time.Sleep(time.Second)
		return w.RestartRelay(syscall.SIGTERM, time.Second)
	})
}

// since is asked for flows that were there before it.
func since(w *World) error {
	if err := w.during(nothing); err != nil {
		return err
	}
	if err := w.StartCPG("--server", w.Address, "--since", "10m"); err != nil {
		return err
	}
	w.Settle(settleTime)
	return nil
}

// frozen has an agent that takes connections and answers nothing.
func frozen(w *World) error {
	last := len(w.Nodes) - 1
	w.Nodes[last].Pause()
	w.Nodes = w.Nodes[:last]
	if err := w.Listen(w.Nodes); err != nil {
		return err
	}
	if err := w.Feed(nothing); err != nil {
		return err
	}
	return nil
}

func relayRestarted(signal syscall.Signal) func(*World) error {
	return func(w *World) error {
		return w.whileFeeding(func() error {
			time.Sleep(time.Second)
			return w.RestartRelay(signal, time.Second)
		})
	}
}

func nodeCut(w *World) error {
	return w.whileFeeding(func() error {
		time.Sleep(time.Second)
		return w.Nodes[0].Cut(time.Second)
	})
}

// cutAfterRestart has relay itself ask a node again, with the point in time of the stream that cpg reopened.
func cutAfterRestart(w *World) error {
	return w.whileFeeding(func() error {
		time.Sleep(500 * time.Millisecond)
		if err := w.RestartRelay(syscall.SIGTERM, 500*time.Millisecond); err != nil {
			return err
		}
		if err := w.CPG.Await("connected to Hubble Relay again", 1); err != nil {
			return err
		}
		time.Sleep(time.Second)
		return w.Nodes[0].Cut(time.Second)
	})
}

// agentRestarted loses the ring of an agent once cpg has what was in it.
func agentRestarted(w *World) error {
	if err := w.Listen(w.Nodes); err != nil {
		return err
	}
	if err := w.Feed(nothing); err != nil {
		return err
	}
	if err := w.Nodes[0].Restart(); err != nil {
		return err
	}
	// The new ring has these before relay has found the agent.
	if err := w.Feed(nothing); err != nil {
		return err
	}
	return nil
}

func everything(w *World) error {
	if err := relayRestarted(syscall.SIGKILL)(w); err != nil {
		return err
	}
	for _, node := range w.Nodes {
		if err := node.Restart(); err != nil {
			return err
		}
	}
	err := w.during(func() error {
		time.Sleep(time.Second)
		if err := w.Nodes[2].Cut(time.Second); err != nil {
			return err
		}
		return w.RestartRelay(syscall.SIGTERM, time.Second)
	})
	w.Settle(settleTime)
	return err
}

// whileFeeding listens, and does something while flows come.
func (w *World) whileFeeding(do func() error) error {
	if err := w.Listen(w.Nodes); err != nil {
		return err
	}
	return w.Feed(do)
}

// Feed feeds all nodes, does something meanwhile, and gives cpg time to write what came of it.
func (w *World) Feed(do func() error) error {
	err := w.during(do)
	w.Settle(settleTime)
	return err
}

// during feeds all nodes, and does something meanwhile.
func (w *World) during(do func() error) error {
	var feedings []*Feeding
	for _, node := range w.Nodes {
		feeding, err := node.Feed(flows, rate)
		if err != nil {
			return err
		}
		feedings = append(feedings, feeding)
	}
	if err := do(); err != nil {
		return err
	}
	for _, feeding := range feedings {
		if err := feeding.Done(); err != nil {
			return err
		}
	}
	return nil
}

// liveEqualsReplay compares with what comes of the flows that `hubble observe` has kept.
func (w *World) liveEqualsReplay() error {
	if err := w.End(); err != nil {
		return err
	}
	replayed := filepath.Join(w.Folder, "replayed")
	command := exec.Command(w.Programs.CPG, "replay", w.capture(), "-n", agent.Namespace, "-o", replayed, "--no-evidence")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("cpg replay: %w: %s", err, output)
	}
	if output, err := exec.Command("diff", "-r", w.policies(), replayed).CombinedOutput(); err != nil {
		return fmt.Errorf("live and replay differ: %.300s", output)
	}
	return nil
}

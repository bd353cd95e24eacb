// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package agent is the Hubble server of a Cilium agent, of Cilium's own packages: ring buffer, filters, GetFlows, ServerStatus.
// Only the datapath is missing: which flows it sees is told it by lines on standard input.
//
//	feed FIRST COUNT RATE   COUNT dropped flows, the ports from FIRST on, RATE a second; then says "fed FIRST COUNT"
//	warm CALLS              flows of no account until so many open calls have got one each; then says "warm CALLS"
//	push COUNT              so many flows of no account, which push others out of relay's buffer; then says "pushed COUNT"
package agent

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	observerpb "github.com/cilium/cilium/api/v1/observer"
	v1 "github.com/cilium/cilium/pkg/hubble/api/v1"
	"github.com/cilium/cilium/pkg/hubble/container"
	"github.com/cilium/cilium/pkg/hubble/observer"
	"github.com/cilium/cilium/pkg/hubble/observer/namespace"
	"github.com/cilium/cilium/pkg/hubble/observer/observeroption"
	observertypes "github.com/cilium/cilium/pkg/hubble/observer/types"
	"github.com/cilium/cilium/pkg/hubble/server"
	"github.com/cilium/cilium/pkg/hubble/server/serveroption"
	nodetypes "github.com/cilium/cilium/pkg/node/types"
)

type agent struct {
	*observer.LocalObserverServer
	node string
	skew time.Duration

	mutex sync.Mutex
	calls map[*call]bool // those that are open
	count int
}

// call is one GetFlows.
type call struct{ delivered atomic.Int64 }

type callKey struct{}

// decoder takes events as they are: they are made, not read from a perf ring.
type decoder struct{}

func (decoder) Decode(event *observertypes.MonitorEvent) (*v1.Event, error) {
	return &v1.Event{Timestamp: timestamppb.New(event.Timestamp), Event: event.Payload}, nil
}

// Run serves until a signal comes or standard input ends.
func Run(args []string) error {
	flags := flag.NewFlagSet("agent", flag.ExitOnError)
	node := flags.String("node", "node", "its name, which all of its flows have")
	listen := flags.String("listen", "127.0.0.1:0", "address to serve at")
	ring := flags.Int("ring", 4095, "flows that the ring keeps: a power of two less one")
	skew := flags.Duration("skew", 0, "how far its clock is ahead")
	flags.Parse(args)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	a := &agent{node: *node, skew: *skew, calls: map[*call]bool{}}
	if err := a.observe(*ring); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	srv, err := a.server(listener)
	if err != nil {
		return err
	}
	go srv.Serve()
	defer srv.Stop()
	fmt.Printf("listening %s\n", listener.Addr())
	go func() { a.obey(ctx, os.Stdin); cancel() }()
	<-ctx.Done()
	return nil
}

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (a *agent) observe(ring int) error {
	nodetypes.SetName(a.node)
	capacity, err := container.NewCapacity(ring)
	if err != nil {
		return err
	}
	a.LocalObserverServer, err = observer.NewLocalServer(decoder{}, namespace.NewManager(), quiet(),
		observeroption.WithMaxFlows(capacity),
		observeroption.WithMonitorBuffer(1024),
		observeroption.WithOnFlowDeliveryFunc(func(ctx context.Context, _ *flowpb.Flow) (bool, error) {
			if c, ok := ctx.Value(callKey{}).(*call); ok {
				c.delivered.Add(1)
			}
			return false, nil
		}),
	)
	if err != nil {
		return err
	}
	go a.Start()
	// Who follows an empty ring waits at a place that is written only once the ring has wrapped; a real one never is empty long.
	for range 3 {
		a.send(time.Now(), &flowpb.DebugEvent{})
	}
	return nil
}

func (a *agent) server(listener net.Listener) (*server.Server, error) {
	return server.NewServer(quiet(),
		serveroption.WithInsecure(),
		serveroption.WithHealthService(),
		serveroption.WithObserverService(a),
		func(o *serveroption.Options) error { o.Listener = listener; return nil },
	)
}

func (a *agent) send(at time.Time, payload any) {
	a.GetEventsChannel() <- &observertypes.MonitorEvent{Timestamp: at, NodeName: a.node, Payload: payload}
}

// callStream is a stream whose context knows the call.
type callStream struct {
	observerpb.Observer_GetFlowsServer
	ctx context.Context
}

func (s callStream) Context() context.Context { return s.ctx }

// GetFlows is Hubble's own, and told about.
func (a *agent) GetFlows(request *observerpb.GetFlowsRequest, stream observerpb.Observer_GetFlowsServer) error {
	c := &call{}
	a.mutex.Lock()
	a.calls[c] = true
	a.count++
	number := a.count
	a.mutex.Unlock()
	text, _ := protojson.Marshal(request)
	fmt.Printf("call %d at %s %s\n", number, time.Now().UTC().Format(time.RFC3339Nano), text)
	err := a.LocalObserverServer.GetFlows(request, callStream{stream, context.WithValue(stream.Context(), callKey{}, c)})
	a.mutex.Lock()
	delete(a.calls, c)
	a.mutex.Unlock()
	fmt.Printf("end %d at %s after %d flows: %v\n", number, time.Now().UTC().Format(time.RFC3339Nano), c.delivered.Load(), err)
	return err
}

func (a *agent) obey(ctx context.Context, commands io.Reader) {
	lines := bufio.NewScanner(commands)
	for lines.Scan() && ctx.Err() == nil {
		var first, count, rate int
		if n, _ := fmt.Sscanf(lines.Text(), "feed %d %d %d", &first, &count, &rate); n == 3 {
			a.feed(ctx, first, count, rate)
			fmt.Printf("fed %d %d\n", first, count)
		} else if n, _ := fmt.Sscanf(lines.Text(), "warm %d", &count); n == 1 {
			a.warm(ctx, count)
			fmt.Printf("warm %d\n", count)
		} else if n, _ := fmt.Sscanf(lines.Text(), "push %d", &count); n == 1 {
			for range count {
				a.flow(discardFlow())
			}
			fmt.Printf("pushed %d\n", count)
		} else {
			fmt.Printf("not understood: %s\n", lines.Text())
		}
	}
}

func (a *agent) feed(ctx context.Context, first, count, rate int) {
	begin := time.Now()
	for i := range count {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(rate))
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		a.flow(droppedFlow(a.node, uint32(first+i)))
	}
}

// warm ends when every reader surely stands in the ring: a call that has just come does not yet.
func (a *agent) warm(ctx context.Context, calls int) {
	for a.readers() < calls && ctx.Err() == nil {
		a.flow(discardFlow())
		time.Sleep(20 * time.Millisecond)
	}
}

func (a *agent) readers() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	count := 0
	for c := range a.calls {
		if c.delivered.Load() > 0 {
			count++
		}
	}
	return count
}

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package hubble

import (
	"io"
	"net"
	"sync"
	"time"
)

// gate is the way from relay to an agent: it keeps its address when the agent restarts, and can be cut.
type gate struct {
	address string

	mutex    sync.Mutex
	listener net.Listener
	target   string
	open     map[net.Conn]bool
}

func newGate() (*gate, error) {
	g := &gate{address: "127.0.0.1:0", open: map[net.Conn]bool{}}
	return g, g.mend()
}

// lead tells where connections end from now on.
func (g *gate) lead(target string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.target = target
}

// mend lets connections through, again at the same address.
func (g *gate) mend() error {
	listener, err := net.Listen("tcp", g.address)
	if err != nil {
		return err
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.listener, g.address = listener, listener.Addr().String()
	go g.accept(listener)
	return nil
}

// cut ends all connections, and refuses further ones.
func (g *gate) cut() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.listener.Close()
	for c := range g.open {
		c.Close()
	}
}

func (g *gate) accept(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		go g.carry(c)
	}
}

func (g *gate) carry(client net.Conn) {
	defer client.Close()
	g.mutex.Lock()
	target := g.target
	g.mutex.Unlock()
	server, err := net.DialTimeout("tcp", target, time.Second)
	if err != nil {
		return
	}
	defer server.Close()
	g.keep(client, server)
	defer g.forget(client, server)
	done := make(chan struct{}, 2)
	pump := func(to, from net.Conn) { io.Copy(to, from); done <- struct{}{} }
	go pump(server, client)
	go pump(client, server)
	<-done
}

func (g *gate) keep(connections ...net.Conn) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for _, c := range connections {
		g.open[c] = true
	}
}

func (g *gate) forget(connections ...net.Conn) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for _, c := range connections {
		delete(g.open, c)
	}
}

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// kubelet answers what the API server passes on of pods/portforward, with the kubelet's own streaming code. Where a port of a
// pod leads is told it by lines on standard input:
//
//	pod NAMESPACE/NAME ADDRESS   from now on its port 4245 is there; any other is refused, as is an address where nobody listens
//	gone NAMESPACE/NAME          it is not on this node; its streams end, as when a container dies
//	idle DURATION                further tunnels are ended after so long without data
//
// Each is answered with the line "done". It says "tunnel NAMESPACE/NAME" for each one that is opened.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubelet/pkg/cri/streaming/portforward"
)

const relayPort = 4245

// containerd gives the other direction so long once one has ended.
const grace = time.Second

type node struct {
	mutex sync.Mutex
	pods  map[string]string // address, by namespace/name
	open  map[net.Conn]string
	idle  time.Duration
}

func main() {
	certificate := flag.String("cert", "", "of the server")
	key := flag.String("key", "", "of the certificate")
	flag.Parse()
	log.SetFlags(log.Lmicroseconds)
	// streamingConnectionIdleTimeout of the kubelet.
	n := &node{pods: map[string]string{}, open: map[net.Conn]string{}, idle: 4 * time.Hour}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening %s\n", listener.Addr())
	go n.obey(os.Stdin)
	// Upgrades are HTTP/1.1's.
	server := &http.Server{Handler: n, TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}}
	log.Fatal(server.ServeTLS(listener, *certificate, *key))
}

func (n *node) obey(commands io.Reader) {
	lines := bufio.NewScanner(commands)
	for lines.Scan() {
		switch words := strings.Fields(lines.Text()); words[0] {
		case "pod":
			n.set(words[1], words[2])
		case "gone":
			n.remove(words[1])
		case "idle":
			n.mutex.Lock()
			n.idle, _ = time.ParseDuration(words[1])
			n.mutex.Unlock()
		}
		fmt.Println("done")
	}
	os.Exit(0)
}

func (n *node) set(pod, address string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.pods[pod] = address
}

func (n *node) remove(pod string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	delete(n.pods, pod)
	for c, name := range n.open {
		if name == pod {
			c.Close()
		}
	}
}

func (n *node) lookUp(pod string) (string, time.Duration, bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	address, found := n.pods[pod]
	return address, n.idle, found
}

// ServeHTTP answers /portForward/NAMESPACE/NAME.
func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pod, ok := strings.CutPrefix(r.URL.Path, "/portForward/")
	if !ok {
		http.NotFound(w, r)
		return
	}
	log.Printf("%s %s, upgrade to %q", r.Method, r.URL, r.Header.Get("Upgrade"))
	_, idle, found := n.lookUp(pod)
	if !found {
		http.Error(w, "pod does not exist", http.StatusNotFound)
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Printf("tunnel %s\n", pod)
	portforward.ServePortForward(w, r, n, pod, "", options, idle, 30*time.Second, portforward.SupportedProtocols)
}

// PortForward carries one stream.
func (n *node) PortForward(_ context.Context, pod string, _ types.UID, port int32, stream io.ReadWriteCloser) error {
	address, _, _ := n.lookUp(pod)
	c, err := net.DialTimeout("tcp", address, time.Second)
	if port != relayPort || err != nil {
		// As containerd says it.
		return fmt.Errorf("failed to connect to localhost:%d inside namespace %q, IPv4: dial tcp4 127.0.0.1:%d: connect: connection refused",
			port, "cni-0", port)
	}
	n.mutex.Lock()
	n.open[c] = pod
	n.mutex.Unlock()
	defer n.end(c)
	done := make(chan struct{}, 2)
	pump := func(to io.Writer, from io.Reader) { io.Copy(to, from); done <- struct{}{} }
	go pump(c, stream)
	go pump(stream, c)
	<-done
	select {
	case <-done:
	case <-time.After(grace):
	}
	return nil
}

func (n *node) end(c net.Conn) {
	c.Close()
	n.mutex.Lock()
	delete(n.open, c)
	n.mutex.Unlock()
}

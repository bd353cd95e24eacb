// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package cluster has cpg find relay through a real API server and a kubelet's own port-forward.
package cluster

import (
	"crypto/x509/pkix"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"servers/hubble"
	"servers/process"
)

const (
	adminToken = "admin-token"
	user       = "tester" // of the group of docs/rbac.yaml
	spdyUser   = "spdy"   // may do no more than list pods and create a port-forward
	system     = "kube-system"
	nodeName   = "node"
)

const tokens = adminToken + `,admin,1,"system:masters"
` + user + `-token,` + user + `,2,"cpg-users"
` + spdyUser + `-token,` + spdyUser + `,3
`

// Programs beside those of Hubble.
type Programs struct {
	Hubble              hubble.Programs
	Etcd, API, Kubelet  string
	RBAC, WorkingFolder string
	// Applied as well, for the API server knows every field.
	Manifests []string
}

// Cluster is one control plane, with one node that is nothing but its port-forward.
type Cluster struct {
	Programs
	pki                *pki
	api                *api
	etcd, server, node *process.Process
	etcdAddress        string
}

// Start returns when all answers.
func Start(programs Programs) (*Cluster, error) {
	c := &Cluster{Programs: programs}
	for _, step := range []func() error{c.files, c.startEtcd, c.startKubelet, c.StartAPI, c.objects} {
		if err := step(); err != nil {
			c.Close()
			return nil, fmt.Errorf("the cluster does not start: %w", err)
		}
	}
	return c, nil
}

func (c *Cluster) path(name string) string { return filepath.Join(c.WorkingFolder, name) }

func (c *Cluster) files() error {
	if err := os.RemoveAll(c.WorkingFolder); err != nil {
		return err
	}
	if err := os.MkdirAll(c.WorkingFolder, 0o755); err != nil {
		return err
	}
	var err error
	if c.pki, err = newPKI(c.WorkingFolder); err != nil {
		return err
	}
	for name, subject := range map[string]pkix.Name{
		"api": {CommonName: "kube-apiserver"}, "kubelet": {CommonName: nodeName}, "accounts": {CommonName: "accounts"},
		"to-kubelet": {CommonName: "api", Organization: []string{"system:masters"}}} {
		if err := c.pki.issue(name, subject); err != nil {
			return err
		}
	}
	address, err := hubble.FreeAddress()
	if err != nil {
		return err
	}
	c.api = newAPI(address, c.pki.ca)
	for name, text := range map[string]string{
		"tokens.csv": tokens, "audit.yaml": auditPolicy, user: c.kubeconfig(user), spdyUser: c.kubeconfig(spdyUser)} {
		if err := os.WriteFile(c.path(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) kubeconfig(user string) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://%s", certificate-authority: ca.crt}}]
users: [{name: u, user: {token: %s-token}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`, c.api.address, user)
}

func (c *Cluster) run(name, program string, args ...string) (*process.Process, error) {
	return process.Start(name, process.Options{Folder: c.WorkingFolder}, program, args...)
}

func (c *Cluster) startEtcd() error {
	var err error
	if c.etcdAddress, err = hubble.FreeAddress(); err != nil {
		return err
	}
	peer, err := hubble.FreeAddress()
	if err != nil {
		return err
	}
	c.etcd, err = c.run("etcd", c.Etcd, "--data-dir", c.path("etcd"), "--unsafe-no-fsync", "--listen-client-urls", "http://"+c.etcdAddress,
		"--advertise-client-urls", "http://"+c.etcdAddress, "--listen-peer-urls", "http://"+peer,
		"--initial-advertise-peer-urls", "http://"+peer, "--initial-cluster", "default=http://"+peer)
	if err != nil {
		return err
	}
	return c.etcd.Await("ready to serve client requests", 1)
}

func (c *Cluster) startKubelet() error {
	var err error
	if c.node, err = c.run("kubelet", c.Kubelet, "-cert", "kubelet.crt", "-key", "kubelet.key"); err != nil {
		return err
	}
	return c.node.Await("listening ", 1)
}

// StartAPI returns when the API server is ready.
func (c *Cluster) StartAPI() error {
	_, port, _ := strings.Cut(c.api.address, ":")
	var err error
	c.server, err = c.run("api", c.API, "--etcd-servers=http://"+c.etcdAddress, "--bind-address=127.0.0.1", "--secure-port="+port,
		"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24",
		"--tls-cert-file=api.crt", "--tls-private-key-file=api.key", "--client-ca-file=ca.crt", "--token-auth-file=tokens.csv",
		"--service-account-key-file=accounts.key", "--service-account-signing-key-file=accounts.key",
		"--service-account-issuer=https://kubernetes.default.svc", "--authorization-mode=Node,RBAC",
		"--disable-admission-plugins=ServiceAccount", "--kubelet-client-certificate=to-kubelet.crt",
		"--kubelet-client-key=to-kubelet.key", "--kubelet-preferred-address-types=InternalIP",
		"--audit-policy-file=audit.yaml", "--audit-log-path=audit.log")
	if err != nil {
		return err
	}
	if !process.Until(2*process.Patience, func() bool { return c.api.ready() || !c.server.Running() }) || !c.server.Running() {
		return fmt.Errorf("the API server is not ready: %s", c.server.Last(""))
	}
	return nil
}

// RestartAPI has everybody find nobody, and then a server that knows no permissions yet.
func (c *Cluster) RestartAPI() error {
	if _, err := c.server.Stop(syscall.SIGTERM); err != nil {
		return err
	}
	return c.StartAPI()
}

// Close ends all that runs.
func (c *Cluster) Close() {
	for _, p := range []*process.Process{c.server, c.node, c.etcd} {
		if p != nil {
			p.Kill()
		}
	}
}

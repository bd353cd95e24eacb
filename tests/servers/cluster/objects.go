// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package cluster

import (
	"fmt"
	"strings"

	"servers/process"
)

// The labels and ports are those of Cilium's chart.
const fixedObjects = `apiVersion: v1
kind: Node
metadata: {name: ` + nodeName + `}
---
apiVersion: v1
kind: Service
metadata: {name: hubble-relay, namespace: kube-system, labels: {k8s-app: hubble-relay}}
spec: {type: ClusterIP, selector: {k8s-app: hubble-relay}, ports: [{protocol: TCP, port: 80, targetPort: grpc}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data: {enable-l7-proxy: "true", external-envoy-proxy: "false"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: spdy, namespace: kube-system}
rules: [{apiGroups: [""], resources: [pods], verbs: [list]}, {apiGroups: [""], resources: [pods/portforward], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: spdy, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: spdy}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ` + spdyUser + `}]
`

const relayPod = `apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: kube-system, labels: {k8s-app: hubble-relay, app.kubernetes.io/name: hubble-relay}}
spec:
  nodeName: ` + nodeName + `
  automountServiceAccountToken: false
  containers: [{name: hubble-relay, image: hubble-relay, ports: [{name: grpc, containerPort: 4245}]}]
`

func (c *Cluster) objects() error {
	// The API server makes its namespaces by itself, some time after it is ready.
	var err error
	if !process.Until(process.Patience, func() bool { err = c.api.apply(fixedObjects); return err == nil }) {
		return err
	}
	for _, path := range append([]string{c.RBAC}, c.Manifests...) {
		if err := c.api.applyFile(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(c.node.Last("listening "), "listening "), ":")
	return c.api.status("/api/v1/nodes/"+nodeName, `{"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],
		"daemonEndpoints":{"kubeletEndpoint":{"Port":`+port+`}},"conditions":[{"type":"Ready","status":"True"}]}}`)
}

func podPath(name string) string { return "/api/v1/namespaces/" + system + "/pods/" + name }

// AddPod has a ready relay pod whose port leads to an address.
func (c *Cluster) AddPod(name, address string) error {
	if err := c.tellNode("pod %s/%s %s", system, name, address); err != nil {
		return err
	}
	if err := c.api.apply(fmt.Sprintf(relayPod, name)); err != nil {
		return err
	}
	return c.api.status(podPath(name),
		`{"status":{"phase":"Running","podIP":"10.0.1.5","conditions":[{"type":"Ready","status":"True"}]}}`)
}

// RemovePod deletes a pod, and ends its tunnels.
func (c *Cluster) RemovePod(name string) error {
	if err := c.api.remove(podPath(name)); err != nil {
		return err
	}
	return c.tellNode("gone %s/%s", system, name)
}

func (c *Cluster) tellNode(format string, args ...any) error {
	before := c.node.Count("done")
	if err := c.node.Say(format, args...); err != nil {
		return err
	}
	return c.node.Await("done", before+1)
}

// Forbid takes cpg's permissions away. A binding is forgotten by the authorizer a moment later.
func (c *Cluster) Forbid() error {
	return c.api.remove("/apis/rbac.authorization.k8s.io/v1/namespaces/" + system + "/rolebindings/cpg-port-forward")
}

// Permit gives them back.
func (c *Cluster) Permit() error { return c.api.applyFile(c.RBAC) }

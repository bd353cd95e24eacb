// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// api speaks to the API server as its administrator.
type api struct {
	address string
	client  *http.Client
}

func newAPI(address string, ca *x509.Certificate) *api {
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}
	return &api{address: address, client: &http.Client{Transport: transport, Timeout: 10 * time.Second}}
}

func (a *api) do(method, path, kind, body string) error {
	request, err := http.NewRequest(method, "https://"+a.address+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	request.Header.Set("Content-Type", kind)
	answer, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, answer.Status, text)
	}
	return nil
}

func (a *api) ready() bool { return a.do(http.MethodGet, "/readyz", "", "") == nil }

// Where objects of a kind are.
var paths = map[string]string{
	"Node": "/api/v1/nodes/NAME", "Namespace": "/api/v1/namespaces/NAME", "Pod": "/api/v1/namespaces/NAMESPACE/pods/NAME",
	"Service": "/api/v1/namespaces/NAMESPACE/services/NAME", "ConfigMap": "/api/v1/namespaces/NAMESPACE/configmaps/NAME",
	"Role":        "/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/roles/NAME",
	"RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/rolebindings/NAME",
	"ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles/NAME",

	"ServiceAccount": "/api/v1/namespaces/NAMESPACE/serviceaccounts/NAME",
	"Job":            "/apis/batch/v1/namespaces/NAMESPACE/jobs/NAME",
	"CronJob":        "/apis/batch/v1/namespaces/NAMESPACE/cronjobs/NAME",

	"ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/NAME",
}

// object is what of one tells where it is.
type object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
}

// apply applies each document, as `kubectl apply --server-side` does.
func (a *api) apply(documents string) error {
	for _, document := range strings.Split(documents, "\n---") {
		var o object
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			return err
		}
		if o.Kind == "" {
			continue
		}
		path, known := paths[o.Kind]
		if !known {
			return fmt.Errorf("no path is known of the kind %s", o.Kind)
		}
		namespace := o.Metadata.Namespace
		if namespace == "" {
			namespace = "default"
		}
		path = strings.NewReplacer("NAMESPACE", namespace, "NAME", o.Metadata.Name).Replace(path)
		if err := a.do(http.MethodPatch, path+"?fieldManager=test&force=true", "application/apply-patch+yaml", document); err != nil {
			return err
		}
	}
	return nil
}

func (a *api) applyFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return a.apply(string(text))
}

func (a *api) status(path, patch string) error {
	return a.do(http.MethodPatch, path+"/status", "application/merge-patch+json", patch)
}

func (a *api) remove(path string) error {
	return a.do(http.MethodDelete, path+"?gracePeriodSeconds=0", "", "")
}

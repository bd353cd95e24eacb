// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package cluster

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
)

// asked is what the API server was asked by cpg's users, by its own log.
type asked struct{ lists, tunnels, forbidden int }

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: Metadata, users: [` + user + `, ` + spdyUser + `]}
  - {level: None}
`

type auditEvent struct {
	AuditID    string `json:"auditID"`
	RequestURI string `json:"requestURI"`
	Verb       string `json:"verb"`
	Response   struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
}

// readAudit counts what came after so many bytes of the log.
func readAudit(path string, offset int64) (asked, error) {
	var out asked
	file, err := os.Open(path)
	if err != nil {
		return out, err
	}
	defer file.Close()
	if _, err := file.Seek(offset, 0); err != nil {
		return out, err
	}
	known := map[string]bool{} // a tunnel is told twice, at its beginning and at its end
	for in := bufio.NewReader(file); ; {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return out, nil
		}
		var event auditEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return out, err
		}
		if known[event.AuditID] {
			continue
		}
		known[event.AuditID] = true
		out.add(event)
	}
}

func (a *asked) add(event auditEvent) {
	if event.Response.Code == 403 {
		a.forbidden++
	}
	path, _, _ := strings.Cut(event.RequestURI, "?")
	switch {
	case event.Verb == "list" && strings.HasSuffix(path, "/pods"):
		a.lists++
	case strings.HasSuffix(path, "/portforward"):
		a.tunnels++
	}
}

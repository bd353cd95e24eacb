// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"slices"
	"strings"

	"oracle/capture"
)

const usualDomain = "cluster.local"

// domainsOf gives the domains that lookups along a search list show, and the usual one.
func domainsOf(asks []*capture.Ask) []string {
	return append([]string{usualDomain}, shownDomains(asks)...)
}

func shownDomains(asks []*capture.Ask) []string {
	var out []string
	for _, ask := range asks {
		domain := domainIn(ask.Query, ask.Subject.Selector.Namespace)
		if domain != "" && !slices.Contains(out, domain) {
			out = append(out, domain)
		}
	}
	return out
}

// domainIn reads a lookup along the search list of a namespace, and one of the service that every cluster has.
func domainIn(query, namespace string) string {
	if domain, ok := strings.CutPrefix(query, "kubernetes.default.svc."); ok && !strings.Contains(domain, "svc.") {
		return domain
	}
	mark := "." + namespace + ".svc."
	if at := strings.LastIndex(query, mark); at > 0 {
		return query[at+len(mark):]
	}
	return ""
}

func below(name string, domains []string) bool {
	return slices.ContainsFunc(domains, func(domain string) bool { return strings.HasSuffix(name, "."+domain) })
}

// searched gives the names that a resolver with ndots:5 tries before the one of the query.
func (j *judgement) searched(ask *capture.Ask) []string {
	if strings.Contains(ask.Query, ".svc.") || below(ask.Query, j.domains) || strings.Count(ask.Query, ".") >= 5 {
		return nil
	}
	domain := j.domains[len(j.domains)-1] // the one that was shown, where one was
	if j.parts {
		// Others may show it in another piece.
		own := shownDomains(slices.DeleteFunc(slices.Clone(j.asks), func(each *capture.Ask) bool { return workload(each) != workload(ask) }))
		if len(own) == 0 {
			return nil
		}
		domain = own[0]
	}
	return []string{
		ask.Query + "." + ask.Subject.Selector.Namespace + ".svc." + domain, ask.Query + ".svc." + domain, ask.Query + "." + domain,
	}
}

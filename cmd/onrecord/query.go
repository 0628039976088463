package main

import (
	"net/http"
	"net/url"
	"strings"
)

type queryCommand struct {
	Resource string   `arg:"" help:"What to ask for: statements, speakers, events …; one record as statements/ID."`
	Params   []string `arg:"" optional:"" name:"param=value" help:"Filters and options as the API documents them."`
	listing  `embed:""`
}

// Help is shown after the flags.
func (queryCommand) Help() string {
	return `For example, what Khawaja Asif said about Afghanistan:

  onrecord query statements speaker=key:person:khawaja-asif target_country=AF

The parameters are those of GET /v1/RESOURCE, see /docs of the service. On a terminal the answer is a table: labels rather than ids, cut to its width. Elsewhere it is JSON, a line for each record.`
}

// Run asks.
func (c queryCommand) Run(e *environment) error {
	query := url.Values{}
	for _, param := range c.Params {
		name, value, ok := strings.Cut(param, "=")
		if !ok || name == "" {
			return usageError("a parameter is written name=value, not " + param)
		}
		query.Add(name, value)
	}
	resource := strings.Trim(c.Resource, "/")
	for part := range strings.SplitSeq(resource, "/") {
		if _, err := url.PathUnescape(part); err != nil || part == "" || part == "." || part == ".." || strings.ContainsAny(part, "?#") {
			return usageError("a resource is a name such as statements, or statements/ID, not " + c.Resource)
		}
	}
	service, err := e.client()
	if err != nil {
		return err
	}
	defer service.close()
	return c.list(e, service, resource, query, nil)
}

// get asks for a page.
func (c *client) get(e *environment, path string, query url.Values) (answer, error) {
	return c.ask(e, call{method: http.MethodGet, path: path, query: query, header: map[string]string{"Accept": "application/json"}, limit: shortCall})
}

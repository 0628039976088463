package api

import (
	"net/http"
	"path"
	"strings"
)

// suffixed lets addresses end in the name of a format: /v1/statements.csv is
// /v1/statements?format=csv, for tools that go by names of files. Addresses of single
// records don't, since a key may end so.
func suffixed(routes []Route) func(http.Handler) http.Handler {
	many := map[string]bool{}
	for _, route := range routes {
		if route.Method == http.MethodGet && !strings.Contains(route.Pattern, "{") {
			many[route.Pattern] = true
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			suffix := path.Ext(r.URL.Path)
			format := strings.TrimPrefix(suffix, ".")
			plain := strings.TrimSuffix(r.URL.Path, suffix)
			if media[format] == "" || !many[plain] || r.Method != http.MethodGet && r.Method != http.MethodHead {
				next.ServeHTTP(w, r)
				return
			}
			address, request := *r.URL, *r
			address.Path, address.RawPath = plain, ""
			if address.RawQuery != "" {
				address.RawQuery += "&"
			}
			address.RawQuery += "format=" + format
			request.URL = &address
			next.ServeHTTP(w, &request)
		})
	}
}

// Package onrecord holds the contract of the service.
package onrecord

import _ "embed"

// OpenAPI is the contract: openapi.yaml.
//
//go:embed openapi.yaml
var OpenAPI []byte

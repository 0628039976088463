package main

import (
	"net/url"
	"os"
	"strings"
)

// defaultURL is where the service listens if nothing else is said.
const defaultURL = "http://127.0.0.1:8080"

// settings are the flags that every command takes.
type settings struct {
	URL     string `name:"url" placeholder:"URL" help:"Where the service is; else ONRECORD_URL."`
	KeyFile string `placeholder:"FILE" help:"A file that holds the key; else the key is ONRECORD_KEY."`
	Retries uint   `default:"6" placeholder:"N" help:"How often to try again when the service is busy or can't be reached (${default})."`
}

// client is the service as the settings name it. The error is a usageError.
func (e *environment) client() (*client, error) {
	address := e.settings.URL
	if given, ok := e.lookup("ONRECORD_URL"); address == "" && ok {
		address = given
	}
	if address == "" {
		address = defaultURL
	}
	base, err := url.Parse(address)
	switch {
	case err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, usageError("the service's address must be a URL such as " + defaultURL) // what was given may hold a secret
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, usageError("the service's address has no user, query or fragment; the key goes in ONRECORD_KEY")
	}
	key, _ := e.lookup("ONRECORD_KEY")
	if e.settings.KeyFile != "" {
		data, err := os.ReadFile(e.settings.KeyFile)
		if err != nil {
			return nil, usageError("--key-file: " + err.Error())
		}
		key = string(data)
	}
	key = strings.TrimSpace(key)
	for _, r := range key {
		if r <= ' ' || r > '~' {
			return nil, usageError("the key is not one word of plain characters")
		}
	}
	if key == "" && e.settings.KeyFile != "" {
		return nil, usageError("--key-file: there is no key in " + e.settings.KeyFile)
	}
	return newClient(base, key, e.settings.Retries, e.screen.note), nil
}

// Command onrecord is the client of the service: it loads records, takes them
// out again and asks questions, over HTTP alone.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}

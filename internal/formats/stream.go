package formats

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"onrecord/internal/claims"
)

// readRecord reads one line of an import stream, as strictly as an import does.
func readRecord(line []byte) (claims.Input, error) {
	var head struct {
		Type claims.Kind `json:"type"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, errors.New("is not a JSON object with a type")
	}
	in := claims.New(head.Type)
	if in == nil {
		return nil, fmt.Errorf("%q is not a kind of record", head.Type)
	}
	return in, claims.Decode(line, in)
}

// eachRecord calls do for each record of an import stream, checked and with
// its defaults.
func eachRecord(ctx context.Context, src Source, do func(at place, in claims.Input) error) error {
	return eachLine(src, func(at place, line string) error {
		if strings.TrimSpace(line) == "" {
			return ctx.Err()
		}
		in, err := readRecord([]byte(line))
		if err != nil {
			return at.fault("", err.Error())
		}
		var check claims.Check
		if in.Check(&check); len(check.Problems) > 0 {
			return at.fault(check.Problems[0].Pointer, check.Problems[0].Detail)
		}
		if err := do(at, in); err != nil {
			return err
		}
		return ctx.Err()
	})
}

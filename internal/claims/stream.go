package claims

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
)

// ReadStream reads an import stream: one record a line as JSON, with its kind
// as `type`; empty lines are passed over. The error says which line.
func ReadStream(data []byte) ([]Input, error) {
	var inputs []Input
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var head struct {
			Type Kind `json:"type"`
		}
		if err := json.Unmarshal(line, &head); err != nil {
			return nil, fmt.Errorf("line %d: is not a JSON object with a type", number)
		}
		in := New(head.Type)
		if in == nil {
			return nil, fmt.Errorf("line %d: %q is not a kind of record", number, head.Type)
		}
		if err := Decode(line, in); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		inputs = append(inputs, in)
	}
	return inputs, nil
}

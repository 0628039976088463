package api

import (
	"bytes"
	"errors"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	const records = `[{"id":1,"text":"a, \"b\"\nc","none":null,"list":["x"],"hidden":true},{"id":-2,"text":"=1+1","none":"-","list":[]}]`
	for _, tt := range []struct {
		name, records string
		excel         bool
		want          string
	}{
		{"plain", records, false, "id,text,none,list\n1,\"a, \"\"b\"\"\nc\",,\"[\"\"x\"\"]\"\n-2,=1+1,-,[]\n"},
		{"for Excel", records, true, "\ufeffid,text,none,list\r\n1,\"a, \"\"b\"\"\r\nc\",,\"[\"\"x\"\"]\"\r\n-2,'=1+1,'-,[]\r\n"},
		{"no rows", `[]`, false, "id,text,none,list\n"},
	} {
		var out bytes.Buffer
		table := newTable(&out, columnsOf([]string{"id", "text", "none", "list"}), tt.excel)
		if err := errors.Join(table.begin(), table.write([]byte(tt.records)), table.end()); err != nil || out.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, out.String(), tt.want)
		}
	}
}

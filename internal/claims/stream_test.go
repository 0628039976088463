package claims

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// readAll reads a stream to its end: a line for each record, what is wrong
// with it, and how it ends.
func readAll(t testing.TB, s Stream) (list []string, end error) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panic: %v", p)
			end = fmt.Errorf("panic: %v", p)
		}
	}()
	for last := 0; ; {
		line, err := s.Next()
		if err != nil {
			return list, err
		}
		text := fmt.Sprintf("%d %s %s", line.Number, line.Type, line.Key)
		var decode *DecodeError
		switch {
		case (line.Err == nil) == (line.Input == nil):
			t.Errorf("line %d has input %v and error %v", line.Number, line.Input, line.Err)
		case errors.As(line.Err, &decode):
			text += " " + decode.Pointer + " " + decode.Code
		case line.Err != nil:
			t.Errorf("line %d: %v is no DecodeError", line.Number, line.Err)
		case line.Input.Kind() != line.Type || line.Key != "" && line.Input.Head().Key != line.Key:
			t.Errorf("line %d: %s %s, its input is %s %s", line.Number, line.Type, line.Key, line.Input.Kind(), line.Input.Head().Key)
		}
		if line.Number <= last {
			t.Errorf("line %d follows line %d", line.Number, last)
		}
		if last = line.Number; !utf8.ValidString(text) {
			t.Errorf("line %d is told in invalid UTF-8: %q", line.Number, text)
		}
		list = append(list, strings.Join(strings.Fields(text), " "))
	}
}

func ended(err error) string {
	var at *StreamError
	switch {
	case errors.Is(err, io.EOF):
		return ""
	case errors.As(err, &at):
		return fmt.Sprintf("line %d %s", at.Line, at.Detail)
	}
	return err.Error()
}

const topicA, topicB = `{"type":"topic","slug":"a","name":"A"}`, `{"type":"topic","slug":"b","name":"B"}`

var streams = []struct {
	name string
	read func(io.Reader) Stream
	in   string
	want []string
	end  string
}{
	{"lines", NDJSON, topicA + "\n" + topicB, []string{"1 topic", "2 topic"}, ""},
	{"lines that end with CR LF, empty ones, a mark", NDJSON, "\ufeff\r\n" + topicA + "\r\n\r\n \t\r\n" + topicB + "\r\n\n", []string{"2 topic", "5 topic"}, ""},
	{"lines that end with CR", NDJSON, topicA + "\r" + topicB + "\r", []string{"1 topic json"}, ""},
	{"nothing", NDJSON, "", nil, ""},
	{"only a mark", NDJSON, "\ufeff", nil, ""},
	{"two records on a line", NDJSON, topicA + topicB, []string{"1 topic json"}, ""},
	{"an array on a line", NDJSON, "[" + topicA + "]", []string{"1 json"}, ""},
	{"an indented record", NDJSON, "{\n\"type\":\"topic\"}", []string{"1 json", "2 json"}, ""},
	{"a type in another case", NDJSON, `{"type":"Topic"}`, []string{"1 Topic /type unknown_value"}, ""},
	{"a name in another case", NDJSON, `{"Type":"topic"}`, []string{"1 /type required"}, ""},
	{"a type that is no string", NDJSON, `{"type":1}`, []string{"1 /type required"}, ""},
	{"the type twice", NDJSON, `{"type":"topic","type":"topic"}`, []string{"1 topic /type duplicate_name"}, ""},
	{"a name twice, deep down", NDJSON, `{"type":"event","places":[{"name":"a","name":"b"}]}`, []string{"1 event /places/0/name duplicate_name"}, ""},
	{"the type last", NDJSON, `{"slug":"a","name":"A","type":"topic"}`, []string{"1 topic"}, ""},
	{"the key last", NDJSON, `{"type":"source","name":"A","key":"a:b"}`, []string{"1 source"}, ""},
	{"deep nesting", NDJSON, `{"type":"topic","x":` + strings.Repeat("[", 1<<20), []string{"1 topic depth"}, ""},
	{"deep nesting in front", NDJSON, strings.Repeat(`{"a":`, 1<<18), []string{"1 json"}, ""},
	{"a number without end", NDJSON, `{"type":"country","latitude":1e400}`, []string{"1 country /latitude type"}, ""},
	{"a number with many digits", NDJSON, `{"type":"event","ordinal":` + strings.Repeat("9", 400) + `}`, []string{"1 event /ordinal type"}, ""},
	{"a fraction for a whole number", NDJSON, `{"type":"event","ordinal":1.5}`, []string{"1 event /ordinal type"}, ""},
	{"not a number", NDJSON, `{"type":"country","latitude":NaN}`, []string{"1 country /latitude json"}, ""},
	{"a lone surrogate", NDJSON, `{"type":"topic","slug":"a","name":"\ud800"}`, []string{"1 topic /name json"}, ""},
	{"invalid UTF-8", NDJSON, "{\"type\":\"topic\",\"name\":\"\xff\"}", []string{"1 topic /name json"}, ""},
	{"an invalid key", NDJSON, "{\"type\":\"source\",\"key\":\"a:\xff\"}", []string{"1 source /key json"}, ""},
	{"UTF-16", NDJSON, "\xfe\xff\x00{\x00}", []string{"1 json"}, ""},
	{"an empty string", NDJSON, `{"type":"topic","slug":"a","name":""}`, []string{"1 topic /name empty"}, ""},
	{"a reference by an empty key", NDJSON, `{"type":"source","owner":{"key":""}}`, []string{"1 source /owner/key empty"}, ""},
	{"a reference with more than a key", NDJSON, `{"type":"source","owner":{"key":"a:b","type":"source"}}`, []string{"1 source /owner/type unknown_field"}, ""},
	{"a key with another namespace", NDJSON, `{"type":"source","owner":{"key":"A:b"}}`, []string{"1 source /owner reference"}, ""},
	{"as long as a line may be", NDJSON, `{"type":"topic","slug":"a","name":"A"` + strings.Repeat(" ", MaxLine-len(topicA)-1) + "}\n" + topicB, []string{"1 topic", "2 topic"}, ""},
	{"longer than a line may be", NDJSON, topicA + "\n" + strings.Repeat(" ", MaxLine+1), []string{"1 topic"}, "line 2 has more than 4194304 bytes"},

	{"an array", Array, "\ufeff \n[" + topicA + " ,\n" + topicB + "]\n", []string{"1 topic", "2 topic"}, ""},
	{"an empty array", Array, "[]", nil, ""},
	{"an array with other things", Array, `[1, null, "a", [], {}, ` + topicA + `]`, []string{"1 json", "2 json", "3 json", "4 json", "5 /type required", "6 topic"}, ""},
	{"no array", Array, topicA, nil, "line 1 is not a JSON array"},
	{"nothing for an array", Array, "", nil, "line 1 the array does not end"},
	{"an open array", Array, "[" + topicA, []string{"1 topic"}, "line 2 the array does not end"},
	{"an open record", Array, "[" + topicA + `,{"type":`, []string{"1 topic"}, "line 2 the array does not end"},
	{"a comma too many", Array, "[" + topicA + ",]", []string{"1 topic"}, "line 2 is not JSON"},
	{"no comma", Array, "[" + topicA + topicB + "]", []string{"1 topic"}, "line 2 is not JSON"},
	{"a second array", Array, "[][]", nil, "line 1 something stands behind the array"},
	{"a deep array", Array, strings.Repeat("[", 1<<20), nil, "line 1 is not JSON"},
	{"a name twice in an array", Array, `[` + topicA + `,{"type":"topic","type":"topic"}]`, []string{"1 topic"}, "line 2 is not JSON"},
	{"a long record in an array", Array, "[" + topicA + `,"` + strings.Repeat("a", MaxLine+1<<17), []string{"1 topic"}, "line 2 has more than 4194304 bytes"},

	{"a table", CSV, "type,slug,name\ntopic,a,A\ntopic,b,\"B\"\n", []string{"2 topic", "3 topic"}, ""},
	{"a table in CR LF with cells of two lines and empty lines", CSV, "type,slug,name\r\n\r\ntopic,a,\"A\r\nB\"\r\ntopic,b,B", []string{"3 topic", "5 topic"}, ""},
	{"a table with sep=", CSV, "\ufeffsep=\t\ntype\tslug\tname\ntopic\ta\tA\n", []string{"3 topic"}, ""},
	{"a header only", CSV, "type,slug,name\n", nil, ""},
	{"no header", CSV, "", nil, "line 1 has no header"},
	{"sep= and no header", CSV, "sep=;\n", nil, "line 1 has no header"},
	{"a column without name", CSV, "type,\n", nil, `line 1 the header names "" twice, or not at all`},
	{"too many cells", CSV, "type,slug\ntopic,a,A\ntopic,b\n", []string{"2 columns", "3 topic"}, ""},
	{"a type in another case in a table", CSV, "type,slug\nTOPIC,a\n", []string{"2 TOPIC /type unknown_value"}, ""},
	{"no type in a cell", CSV, "type,slug\n,a\n", []string{"2 /type required"}, ""},
	{"an unknown column", CSV, "type,slug,nome\ntopic,a,A\n", []string{"2 topic /nome unknown_field"}, ""},
	{"references in cells", CSV, "type,key,owner\nsource,a:b,key:a:c\nsource,a:b,key:\nsource,a:b,key:A\n", []string{"2 source a:b", "3 source a:b /owner/key empty", "4 source a:b /owner reference"}, ""},
	{"numbers in cells", CSV, "type,latitude\ncountry,1e400\ncountry,0x10\ncountry,Inf\ncountry,1_0\ncountry, 1\n", []string{"2 country /latitude type", "3 country /latitude type", "4 country /latitude type", "5 country /latitude type", "6 country /latitude type"}, ""},
	{"truths in cells", CSV, "type,key,identified\nsource,a:b,true\nsource,a:b,TRUE\n", []string{"2 source a:b", "3 source /identified type"}, ""},
	{"an open quote", CSV, "type,slug\ntopic,\"a\n", nil, `line 2 extraneous or missing " in quoted-field`},
	{"a quote inside a cell", CSV, "type,slug\ntopic,a\"b\n", nil, `line 2 bare " in non-quoted-field`},
	{"a long row", CSV, "type,slug\ntopic,\"" + strings.Repeat("a", MaxLine+1<<17), nil, "line 3 has more than 4194304 bytes"},

	// These ended the process.
	{"a quote inside a row's first cell", CSV, "type,slug\nto\"pic,a\n", nil, `line 2 bare " in non-quoted-field`},
	{"text behind a row's first quotes", CSV, "type,slug\n\"topic\"x,a\n", nil, `line 2 extraneous or missing " in quoted-field`},
	{"a long first line with sep=", CSV, "sep=;" + strings.Repeat("a", MaxLine+1<<17), nil, "line 1 has more than 4194304 bytes"},
	// These were told in invalid UTF-8, or not at all.
	{"a type that is not UTF-8", CSV, "type,slug\n\xff,a\n", []string{"2 /type type"}, ""},
	{"sep= alone", CSV, "sep=;", nil, "line 1 has no header"},
}

// Each stream gives its records in order, each with its line; what is wrong
// with one is told of that one, and a stream that can't be read further says
// where.
func TestStreamsSayWhatIsWrongToTheLine(t *testing.T) {
	t.Parallel()
	for _, tt := range streams {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for name, r := range map[string]io.Reader{"whole": strings.NewReader(tt.in), "by bytes": iotest.OneByteReader(strings.NewReader(tt.in)), "with EOF at once": iotest.DataErrReader(strings.NewReader(tt.in))} {
				if name == "by bytes" && len(tt.in) > 1<<16 {
					continue
				}
				list, end := readAll(t, tt.read(r))
				if diff := cmp.Diff(tt.want, list); diff != "" || ended(end) != tt.end {
					t.Errorf("%s ends with %q, want %q (-want +got):\n%s", name, ended(end), tt.end, diff)
				}
			}
		})
	}
}

// A stream that breaks off while it is read is told from one that ends.
func TestStreamsTellABreakFromAnEnd(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, s := range map[string]func(io.Reader) Stream{"lines": NDJSON, "array": Array, "table": CSV} {
		in := map[string]string{"lines": topicA + "\n" + topicB, "array": "[" + topicA + "," + topicB + "]", "table": "type,slug\ntopic,a\ntopic,\"b\"\n"}[name]
		for at := range len(in) {
			_, end := readAll(t, s(io.MultiReader(strings.NewReader(in[:at]), iotest.ErrReader(broken))))
			if errors.Is(end, io.EOF) {
				t.Errorf("%s cut at %d ends well", name, at)
			}
		}
	}
}

// A table whose lines end in an unknown way is not taken for an empty one.
func TestATableOfOneLineIsNotEmpty(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"type,slug,name\rtopic,a,A\rtopic,b,B\r", "type,slug,name\u2028topic,a,A\u2028", "sep=\ntype,slug\ntopic,a\n"} {
		if list, end := readAll(t, CSV(strings.NewReader(in))); list == nil && errors.Is(end, io.EOF) {
			t.Errorf("%q is taken for a table without rows", in)
		}
	}
}

// A table may have many columns.
func TestATableOfManyColumns(t *testing.T) {
	t.Parallel()
	var head, row strings.Builder
	head.WriteString("type,slug,name")
	row.WriteString("topic,a,A")
	for i := range 10_000 {
		fmt.Fprintf(&head, ",c%d", i)
		row.WriteString(",")
	}
	list, end := readAll(t, CSV(strings.NewReader(head.String()+"\n"+row.String()+"\n"+strings.TrimSuffix(row.String(), ",")+",x\n")))
	if diff := cmp.Diff([]string{"2 topic", "3 topic /c9999 unknown_field"}, list); diff != "" || !errors.Is(end, io.EOF) {
		t.Errorf("%v\n%s", end, diff)
	}
}

func fuzzStream(f *testing.F, read func(io.Reader) Stream) {
	for _, tt := range streams {
		if tt.read != nil && len(tt.in) < 1000 {
			f.Add([]byte(tt.in))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, end := readAll(t, read(bytes.NewReader(data)))
		again, ends := readAll(t, read(iotest.HalfReader(bytes.NewReader(data))))
		if diff := cmp.Diff(list, again); diff != "" || ended(end) != ended(ends) {
			t.Errorf("read in pieces it is another stream, %v, %v:\n%s", end, ends, diff)
		}
		if t.Failed() {
			return
		}
		for s := read(bytes.NewReader(data)); ; {
			line, err := s.Next()
			if err != nil {
				return
			}
			if line.Input == nil {
				continue
			}
			c := &Check{Stream: true}
			if line.Input.Check(c); len(c.Problems) > 0 {
				continue
			}
			id := GivenID(line.Input) // what is good reads as itself
			canonical := Canonical(line.Input)
			same := New(line.Type)
			if err := Decode(canonical, same); err != nil {
				t.Fatalf("%s does not read as itself: %v", canonical, err)
			}
			if same.Check(&Check{Stream: true}); !bytes.Equal(Digest(line.Input, id), Digest(same, id)) {
				t.Errorf("%s read again is %s", canonical, Canonical(same))
			}
		}
	})
}

func FuzzNDJSON(f *testing.F) { fuzzStream(f, NDJSON) }

func FuzzArray(f *testing.F) { fuzzStream(f, Array) }

func FuzzCSV(f *testing.F) { fuzzStream(f, CSV) }

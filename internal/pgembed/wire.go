package pgembed

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
)

// refusal is an ErrorResponse of the server.
type refusal struct{ code, message string }

func (r *refusal) Error() string {
	return fmt.Sprintf("PostgreSQL: %s (SQLSTATE %s)", r.message, r.code)
}

// temporary: starting up or shutting down (57P0x), no session free (53300).
func (r *refusal) temporary() bool { return r.code[:3] == "57P" || r.code == "53300" }

// ask opens a session on the socket and runs sql, if any. It speaks just enough
// of the protocol (version 3.0) to know that sessions are accepted; the package
// stays free of a driver. What the server answers with an error is a *refusal.
func ask(ctx context.Context, socket, database, sql string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	startup := "\x00\x03\x00\x00user\x00" + name + "\x00database\x00" + database + "\x00\x00"
	if err := send(conn, "", startup); err != nil {
		return err
	}
	for {
		kind, body, err := receive(conn)
		switch {
		case err != nil:
			return err
		case kind == 'E':
			return parseRefusal(body)
		case kind == 'R' && !bytes.Equal(body, []byte{0, 0, 0, 0}): // AuthenticationOk
			return &refusal{code: "28000", message: "it asks for a password; is pg_hba.conf changed?"}
		case kind == 'Z' && sql == "": // ReadyForQuery
			return send(conn, "X", "")
		case kind == 'Z':
			if err := send(conn, "Q", sql+"\x00"); err != nil {
				return err
			}
			sql = ""
		}
	}
}

func send(w io.Writer, kind, body string) error {
	message := binary.BigEndian.AppendUint32([]byte(kind), uint32(len(body)+4))
	_, err := w.Write(append(message, body...))
	return err
}

func receive(r io.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size < 4 || size > 1<<20 {
		return 0, nil, fmt.Errorf("a message of %d bytes: not the PostgreSQL protocol", size)
	}
	body = make([]byte, size-4)
	_, err = io.ReadFull(r, body)
	return head[0], body, err
}

func parseRefusal(body []byte) *refusal {
	r := &refusal{code: "XX000"}
	for field := range bytes.SplitSeq(body, []byte{0}) {
		switch {
		case len(field) == 6 && field[0] == 'C':
			r.code = string(field[1:])
		case len(field) > 0 && field[0] == 'M':
			r.message = string(field[1:])
		}
	}
	return r
}

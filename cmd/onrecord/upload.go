package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"os"
	"sync"
)

// An upload is the body of one attempt to send an input. Its last bytes are
// held back until all of it is known to be what was measured: the
// Idempotency-Key, which is made from that, must not vouch for other content.
type upload struct {
	input    *input
	file     *os.File
	size     int64
	left     int64
	sum      hash.Hash
	progress func(int) // is told how many bytes went by
	sent     func()    // is told when all of them did

	mu  sync.Mutex // the transport reads while the client asks how it went
	err error
}

// open opens the input to be sent. The error is that of the file system, or
// says that the file has changed.
func (in *input) open(progress func(int), sent func()) (*upload, error) {
	file, err := os.Open(in.path)
	if err != nil {
		return nil, err
	}
	about, err := file.Stat()
	if err == nil && about.Size() != in.size {
		err = in.hasChanged()
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &upload{input: in, file: file, size: in.size, left: in.size, sum: sha256.New(), progress: progress, sent: sent}, nil
}

func (in *input) hasChanged() error {
	return errors.New(in.name + " changes while it is being sent; nothing of it was stored by this attempt")
}

// Read implements io.Reader.
func (u *upload) Read(p []byte) (int, error) {
	if u.left == 0 {
		return 0, io.EOF
	}
	n, err := u.file.Read(p[:min(int64(len(p)), u.left)])
	u.sum.Write(p[:n])
	u.left -= int64(n)
	if errors.Is(err, io.EOF) || u.left == 0 && !bytes.Equal(u.sum.Sum(nil), u.input.digest) {
		n, err = 0, u.input.hasChanged()
	}
	if err != nil {
		u.mu.Lock()
		u.err = err
		u.mu.Unlock()
		return n, err
	}
	u.progress(n)
	if u.left == 0 {
		u.sent()
	}
	return n, nil
}

// Close implements io.Closer.
func (u *upload) Close() error { return u.file.Close() }

// failure is why the file could not be read, nil if it could.
func (u *upload) failure() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}

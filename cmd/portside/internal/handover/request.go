package handover

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// A Request is what a start of the program was given to be opened: one of these.
type Request struct {
	Address string `json:"address,omitempty"` // as it was typed; may hold a password
	Site    string `json:"site,omitempty"`    // name of a saved site
	Import  string `json:"import,omitempty"`  // absolute path of a file with sites
}

// mostBytes bounds a request on its way.
const mostBytes = 64 << 10

var (
	errTooLong = errors.New("what is to be opened is longer than 64 KiB")
	errOdd     = errors.New("what came in is no request")
)

// A message is a request on its way.
type message struct {
	Request
	// Within is how long its sender goes on waiting, in milliseconds. Then it opens a
	// window of its own.
	Within int64 `json:"within"`
}

// encode returns m as one line.
func (m message) encode() ([]byte, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, errOdd // the error of the encoder could tell what is in it
	}
	if data = append(data, '\n'); len(data) > mostBytes {
		return nil, errTooLong
	}
	return data, nil
}

// decode reads a message, which has to be all that there is.
func decode(from io.Reader) (message, error) {
	var m message
	data, err := io.ReadAll(io.LimitReader(from, mostBytes+1))
	switch {
	case err != nil:
		return m, err
	case len(data) > mostBytes:
		return m, errTooLong
	case bytes.Count(data, []byte{'\n'}) != 1 || !bytes.HasSuffix(data, []byte{'\n'}):
		return m, errOdd
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err = d.Decode(&m); err != nil {
		return message{}, errOdd
	}
	if _, err = d.Token(); !errors.Is(err, io.EOF) {
		return message{}, errOdd
	}
	return m, nil
}

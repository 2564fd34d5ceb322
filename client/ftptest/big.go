package ftptest

import (
	"io"
	"sync"
)

// bigPeriod is a prime, so that a block of any usual size at a wrong place
// shows.
const bigPeriod = 65521

// bigBlock is one period of made-up content.
var bigBlock = sync.OnceValue(func() []byte {
	b := make([]byte, bigPeriod)
	for i := range b {
		v := uint32(i) * 2654435761
		b[i] = byte(v>>24) ^ byte(v>>13)
	}
	return b
})

// fillBig makes up the bytes of a big file at off.
func fillBig(b []byte, off int64) {
	block := bigBlock()
	x := int(off % bigPeriod)
	for len(b) > 0 {
		n := copy(b, block[x:])
		b, x = b[n:], 0
	}
}

// BigContent reads the content of a [BigFile] of size bytes.
func BigContent(size int64) io.Reader {
	return io.LimitReader(&bigReader{}, size)
}

type bigReader struct{ off int64 }

// Read implements io.Reader.
func (r *bigReader) Read(b []byte) (int, error) {
	fillBig(b, r.off)
	r.off += int64(len(b))
	return len(b), nil
}

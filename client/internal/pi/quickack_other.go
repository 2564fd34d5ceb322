//go:build !linux

package pi

// quickAck does nothing: only Linux lets a program ask for it.
func (c *Conn) quickAck() {}

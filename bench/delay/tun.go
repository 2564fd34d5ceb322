//go:build linux

package delay

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// headerSize is that of struct virtio_net_hdr, which is in front of each packet
// and says which of its checksums and segments are still to be made. The other
// end is told the same, so neither is ever made here, and up to 64 KiB go in
// one piece.
const headerSize = 10

// openWire makes a network device in the namespace of this thread whose packets
// are read from and written to the file.
func openWire(addr string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	const name = "line"
	req, err := unix.NewIfreq(name)
	if err == nil {
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
	}
	if err == nil {
		err = unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, unix.TUN_F_CSUM|unix.TUN_F_TSO4)
	}
	if err == nil {
		err = configure(name, addr)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a TUN device: %w", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), name), nil
}

// configure gives the device its address, and takes it and loopback up.
func configure(name, addr string) (err error) {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unix.Close(fd)) }()
	for _, set := range []struct {
		request uint
		addr    netip.Addr
	}{
		{unix.SIOCSIFADDR, ip},
		{unix.SIOCSIFNETMASK, netip.AddrFrom4([4]byte{255, 255, 255, 252})},
	} {
		var req *unix.Ifreq
		if req, err = unix.NewIfreq(name); err != nil {
			return err
		}
		if err = req.SetInet4Addr(set.addr.AsSlice()); err != nil {
			return err
		}
		if err = unix.IoctlIfreq(fd, set.request, req); err != nil {
			return fmt.Errorf("give it an address: %w", err)
		}
	}
	// The queue in front of the reader: a burst of ten connections fits.
	req, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	req.SetUint32(queueLength)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFTXQLEN, req); err != nil {
		return fmt.Errorf("set the length of its queue: %w", err)
	}
	return errors.Join(up(fd, "lo"), up(fd, name))
}

func up(fd int, name string) error {
	req, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, req); err != nil {
		return err
	}
	req.SetUint16(req.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
}

package gateway

import (
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"syscall"
)

// Numbers of the kernel's interface (sock_diag(7)).
const (
	netlinkSockDiag  = 4
	sockDiagByFamily = 20
	diagRequestSize  = 56 // struct inet_diag_req_v2
	diagSocketID     = 8  // where its struct inet_diag_sockid begins
	diagReplyUID     = 64 // offset of idiag_uid in struct inet_diag_msg
	anyCookie        = 0xffffffff
	headerSize       = syscall.NLMSG_HDRLEN
)

// isOtherUser says whether the other end of a request's connection, on this machine, belongs to another
// user. Where the kernel cannot be asked it says no.
func isOtherUser(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return true
	}
	ours, err := netip.ParseAddrPort(local.String())
	theirs, theirErr := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || theirErr != nil {
		return true
	}
	uid, err := ownerOf(theirs, ours)
	if errors.Is(err, errNoSockDiag) {
		return false
	}
	return err != nil || int(uid) != os.Geteuid()
}

// errNoSockDiag means that this kernel, or this sandbox, does not tell.
var errNoSockDiag = errors.New("gateway: the kernel does not tell whose a connection is")

// ownerOf asks the kernel whose the socket is that is connected from local to peer, both on this machine.
func ownerOf(local, peer netip.AddrPort) (uid uint32, err error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, netlinkSockDiag)
	if err != nil {
		return 0, errNoSockDiag
	}
	defer syscall.Close(fd)
	// The kernel answers before Sendto returns; should one not, nobody waits for it.
	patience := syscall.Timeval{Sec: 1}
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &patience); err != nil {
		return 0, err
	}
	if err := syscall.Sendto(fd, diagRequest(local, peer), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return 0, errNoSockDiag
	}
	reply := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, reply, 0)
	if err != nil {
		return 0, err
	}
	messages, err := syscall.ParseNetlinkMessage(reply[:n])
	if err != nil {
		return 0, err
	}
	for _, m := range messages {
		switch {
		case m.Header.Type == syscall.NLMSG_ERROR && len(m.Data) >= 4:
			errno := syscall.Errno(-int32(binary.NativeEndian.Uint32(m.Data)))
			if errno == syscall.EOPNOTSUPP || errno == syscall.EPERM || errno == syscall.EINVAL {
				return 0, errNoSockDiag
			}
			return 0, errno
		case m.Header.Type == sockDiagByFamily && len(m.Data) >= diagReplyUID+4:
			return binary.NativeEndian.Uint32(m.Data[diagReplyUID:]), nil
		}
	}
	return 0, syscall.ENOENT
}

// diagRequest asks for one TCP socket by its addresses.
func diagRequest(local, peer netip.AddrPort) []byte {
	message := make([]byte, headerSize+diagRequestSize)
	binary.NativeEndian.PutUint32(message, uint32(len(message)))
	binary.NativeEndian.PutUint16(message[4:], sockDiagByFamily)
	binary.NativeEndian.PutUint16(message[6:], syscall.NLM_F_REQUEST)

	request := message[headerSize:]
	request[0] = syscall.AF_INET6
	if local.Addr().Unmap().Is4() {
		request[0] = syscall.AF_INET
	}
	request[1] = syscall.IPPROTO_TCP
	binary.NativeEndian.PutUint32(request[4:], 0xffffffff) // in any state

	id := request[diagSocketID:]
	binary.BigEndian.PutUint16(id, local.Port())
	binary.BigEndian.PutUint16(id[2:], peer.Port())
	copy(id[4:20], local.Addr().Unmap().AsSlice())
	copy(id[20:36], peer.Addr().Unmap().AsSlice())
	binary.NativeEndian.PutUint32(id[40:], anyCookie)
	binary.NativeEndian.PutUint32(id[44:], anyCookie)
	return message
}

package gateway_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

const nobody = 65534

// asNobody dials from a socket that belongs to another user. Only root can.
func asNobody(_ context.Context, network, address string) (conn net.Conn, err error) {
	done := make(chan struct{})
	go func() { // ends with its thread, which has changed its user
		defer close(done)
		runtime.LockOSThread()
		dialer := net.Dialer{}
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); errno != 0 {
			err = errno
			return
		}
		conn, err = dialer.Dial(network, address)
	}()
	<-done
	return conn, err
}

// TestConnectionsOfOtherUsers: what needs no credential is for the user who runs the gateway; on a computer with
// several users every one of them can say that it is a page of this computer.
func TestConnectionsOfOtherUsers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	h := newHarness(t, gateway.Config{Access: newAccess(t, access.Config{Dev: true})})
	_, port, _ := strings.Cut(h.addr, ":")
	for _, origin := range []string{"http://localhost:3000", "http://127.0.0.1:" + port} {
		page, err := wire.Dial(h.ctx, h.url(), wire.Options{Origin: origin})
		if err != nil {
			t.Fatalf("this user as %s: %v", origin, err)
		}
		_ = page.Close()
		other, err := wire.DialRaw(h.ctx, h.url(), wire.Options{Origin: origin, NetDial: asNobody})
		if err == nil {
			_ = other.Close()
		}
		var refused *wire.HandshakeError
		if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
			t.Errorf("another user as %s: %v, want 403", origin, err)
		}
	}
	// With a permission of its own it may come in: it can show a credential.
	stranger, err := wire.DialRaw(h.ctx, h.url(), wire.Options{Origin: shop, NetDial: asNobody})
	if err != nil {
		t.Fatalf("another user who has to ask: %v", err)
	}
	_ = stranger.Close()
}

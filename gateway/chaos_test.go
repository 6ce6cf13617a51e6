package gateway_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// TestChaos: many pages and peers open, send, pause, end, reset and vanish in any order. Nothing is checked
// but that the gateway answers every call, comes to its end, and leaves no goroutine (TestMain).
func TestChaos(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxSockets: 40, MaxBuffered: 8 << 20, DetachedLife: time.Millisecond})
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var pages sync.WaitGroup
	for i := range 6 {
		pages.Go(func() { h.chaoticPage(rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	pages.Wait()
}

// chaoticPage connects, does 80 things, and goes, in one of three ways.
func (h *harness) chaoticPage(random *rand.Rand) {
	page, err := wire.Dial(h.ctx, h.url(), wire.Options{})
	if err != nil {
		h.Errorf("connect a page: %v", err)
		return
	}
	server, port, err := page.Listen(h.ctx, "127.0.0.1", 0)
	if err != nil {
		h.Errorf("listen: %v", err)
		return
	}
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
	var (
		work    sync.WaitGroup
		streams []*wire.Stream
	)
	for range 80 {
		if len(streams) < 20 && random.IntN(3) == 0 {
			mood := random.IntN(5)
			work.Go(func() { h.chaoticPeer(address, mood) })
			accepted, err := page.Accept(h.ctx)
			if err != nil {
				h.Errorf("accept: %v", err)
				return
			}
			streams = append(streams, accepted.Stream)
			continue
		}
		if len(streams) == 0 {
			continue
		}
		s := streams[random.IntN(len(streams))]
		switch random.IntN(8) {
		case 0:
			_ = s.End() // a stream that has ended refuses
		case 1:
			err = s.Close(h.ctx)
		case 2:
			err = s.Disconnect(h.ctx)
		case 3:
			err = s.SetPaused(h.ctx, true)
		case 4:
			err = h.call(page, "tcpServer.setPaused", []any{server, false})
		case 5:
			err = h.call(page, "tcp.getSockets", nil)
		default:
			err = s.SetPaused(h.ctx, false)
			s.TryWrite(make([]byte, random.IntN(100_000))) // no credit: nothing is sent
		}
		var call *wire.Error
		if err != nil && !errors.As(err, &call) && !errors.Is(err, wire.ErrClosed) && !errors.Is(err, wire.ErrNotConnected) {
			h.Errorf("a call was not answered: %v", err)
		}
	}
	switch random.IntN(3) {
	case 0:
		page.Abort()
	case 1:
		_ = h.call(page, "session.close", nil)
		_ = page.Close()
	default:
		_ = page.Close()
	}
	work.Wait()
}

// chaoticPeer connects and behaves as it is in the mood to, until the page or it has had enough.
func (h *harness) chaoticPeer(address *net.TCPAddr, mood int) {
	conn, err := net.DialTCP("tcp", nil, address)
	if err != nil {
		return
	}
	defer conn.Close()
	switch mood {
	case 0: // echoes
		_, _ = io.Copy(conn, conn)
	case 1: // talks and never listens
		for range 50 {
			if _, err := conn.Write(make([]byte, 30_000)); err != nil {
				return
			}
		}
	case 2: // asks, half-closes, listens
		_, _ = conn.Write([]byte("question"))
		_ = conn.CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
	case 3: // resets in the middle
		_, _ = conn.Write(make([]byte, 10_000))
		_ = conn.SetLinger(0)
	case 4: // listens
		_, _ = io.Copy(io.Discard, conn)
	}
}

package gateway_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// TestManyStreamsEcho has both ends of many streams start round trips of all sizes at once. A wake-up
// that gets lost or a lock that is held while something waits shows as a test that does not end.
func TestManyStreamsEcho(t *testing.T) {
	const streams, rounds = 64, 150
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	var wg sync.WaitGroup
	for i := range uint64(streams) {
		stream, peer := h.pair(page, address)
		// Even streams are echoed by the page, odd ones by the peer.
		client, server := io.ReadWriter(peer), io.ReadWriter(stream)
		if i%2 == 1 {
			client, server = server, client
		}
		wg.Go(func() { echoBack(server) })
		wg.Go(func() {
			defer endWrite(client)
			random := rand.New(rand.NewPCG(i, streams))
			for round := range rounds {
				if !roundTrip(client, noise(i, size(random))) {
					t.Errorf("stream %d, round trip %d: what came back is not what was sent", i, round)
					return
				}
			}
		})
	}
	wg.Wait()
}

// size is mostly that of a short message, sometimes more than a record, a buffer or a window holds.
func size(random *rand.Rand) int {
	most := []int{1, 64, 64, 1 << 10, 5_000, 20_000, 70_000, 140_000, 600_000}[random.IntN(900)/100*random.IntN(2)]
	return 1 + random.IntN(most)
}

func roundTrip(client io.ReadWriter, message []byte) bool {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _, _ = client.Write(message) }) // the reader notices what is missing
	got := make([]byte, len(message))
	_, err := io.ReadFull(client, got)
	return err == nil && bytes.Equal(got, message)
}

func echoBack(server io.ReadWriter) {
	buf := make([]byte, 32<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

func endWrite(client io.ReadWriter) {
	switch c := client.(type) {
	case *wire.Stream:
		_ = c.End() // the echo on the other side ends with it
	case *net.TCPConn:
		_ = c.CloseWrite()
	}
}

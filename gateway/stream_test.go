package gateway_test

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

const megabyte = 1 << 20

func TestEcho(t *testing.T) {
	h, _, stream, peer := newPair(t)

	h.write(peer, []byte("hello"))
	h.wantRead("the page reads what the peer wrote", stream, "hello")
	h.write(stream, []byte("world"))
	h.wantRead("the peer reads what the page sent", peer, "world")
}

func TestAcceptedStreamStartsPaused(t *testing.T) {
	h, page, stream, peer := newPausedPair(t)
	info := h.info(page, stream)
	if !info.Connected || !info.Paused || info.PeerAddress != "127.0.0.1" || info.LocalAddress != "127.0.0.1" ||
		info.PeerPort != peer.LocalAddr().(*net.TCPAddr).Port || info.LocalPort != peer.RemoteAddr().(*net.TCPAddr).Port {
		t.Fatalf("info of an accepted stream: %+v", info)
	}
	h.write(peer, []byte("early"))
	h.wantRead("the first bytes need no unpausing", stream, "early")
	if info := h.info(page, stream); !info.Paused || !info.Connected {
		t.Fatalf("info after reading ahead: %+v", info)
	}
}

// TestReadAheadEnds: no more than 64 KiB of an accepted stream come before it is unpaused, and nothing
// once the page has said that it shall be paused.
func TestReadAheadEnds(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	for _, pauses := range []bool{false, true} {
		raw := h.raw()
		raw.send(`{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
		peer := raw.acceptOne()
		readAhead := 0
		if pauses {
			raw.send(`{"jsonrpc":"2.0","id":2,"method":"tcp.setPaused","params":[1,true]}`)
			raw.wantText("paused", `{"jsonrpc":"2.0","id":2,"result":null}`)
		}
		want := noise(9, 300_000)
		h.write(peer, want)
		for !pauses && readAhead < 64<<10 {
			readAhead += len(raw.wantRecord("read ahead", 1, 0).Payload)
		}
		raw.wantIdle("nothing while paused", 1)
		if readAhead >= 128<<10 {
			t.Errorf("%d bytes were read ahead", readAhead)
		}
		raw.send(`{"jsonrpc":"2.0","id":3,"method":"tcp.setPaused","params":[1,false]}`)
		raw.wantData("the rest comes after unpausing", 1, len(want)-readAhead)
	}
}

func TestMegabytesBothWays(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	var running sync.WaitGroup
	for i := range 4 {
		stream, peer := h.pair(page, address)
		down, up := noise(uint64(i), 8*megabyte), noise(uint64(i+100), 8*megabyte)
		running.Go(func() {
			h.write(peer, down)
			if err := peer.CloseWrite(); err != nil {
				t.Error(err)
			}
		})
		running.Go(func() { h.write(stream, up); _ = stream.End() })
		running.Go(func() { h.wantSum("page", stream, down) })
		running.Go(func() { h.wantSum("peer", peer, up) })
	}
	running.Wait()
}

func TestHalfClosingPeerGetsItsAnswer(t *testing.T) {
	h, page, stream, peer := newPair(t)

	h.write(peer, []byte("question"))
	if err := peer.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	h.wantRead("all bytes come before the end", stream, "question")
	h.wantEOF("the end follows", stream)
	if info := h.info(page, stream); !info.Connected {
		t.Fatalf("unconnected before the page has answered the end: %+v", info)
	}
	h.write(stream, []byte("answer"))
	if err := stream.End(); err != nil {
		t.Fatal(err)
	}
	h.wantRead("the answer reaches the peer", peer, "answer")
	h.wantEOF("then the page's end", peer)
	if info := h.info(page, stream); info.Connected || !info.Paused || info.PeerAddress != "" {
		t.Fatalf("after both ends: %+v, want unconnected and paused", info)
	}
}

func TestBytesBeforeResetAreDelivered(t *testing.T) {
	h, _, stream, peer := newPausedPair(t)
	want := noise(1, 100_000)
	h.write(peer, want)
	if err := peer.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	_ = peer.Close() // with a reset
	h.unpause(stream)
	h.wantSum("page", stream, want)
	if code, _ := stream.Ended(); code != -100 {
		t.Fatalf("END carries %d, want -100", code)
	}
}

func TestCloseFlushesWhatWasSent(t *testing.T) {
	for _, how := range []string{"close", "disconnect"} {
		t.Run(how, func(t *testing.T) {
			h, _, stream, peer := newPair(t)
			want := noise(2, defaultWindow)
			h.write(stream, want)
			var err error
			if how == "close" {
				err = stream.Close(h.ctx)
			} else {
				err = stream.Disconnect(h.ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
			// Only now does the peer begin to read.
			h.wantSum("peer", peer, want)
		})
	}
}

// A peer that is still sending when the page closes: a plain close would answer its bytes with a
// reset, and the reset would destroy what the page had sent.
func TestCloseWithUnreadBytesLosesNothing(t *testing.T) {
	h, _, stream, peer := newPausedPair(t)
	h.write(peer, noise(3, 200_000)) // never read by the page: the stream stays paused
	want := noise(4, defaultWindow)
	h.write(stream, want)
	if err := stream.Close(h.ctx); err != nil {
		t.Fatal(err)
	}
	h.wantSum("peer", peer, want)
}

// defaultWindow is the default window, which is what a page can send without waiting.
const defaultWindow = 512 << 10

// TestFinalOffsetLetsTheRestFollow: a page closes before it has had credit for all that it sends. Once, FIN
// went out between the arrival of the last record's header and its bytes, so it runs many times.
func TestFinalOffsetLetsTheRestFollow(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	raw := h.raw()
	raw.send(`{"jsonrpc":"2.0","id":0,"method":"session.open"}`)
	want := noise(5, 3*defaultWindow)
	for id := uint32(1); id <= 20; id++ {
		method := []string{"close", "disconnect"}[id%2]
		raw.send(`{"jsonrpc":"2.0","method":"tcp.create"}`)
		raw.sendf(`{"jsonrpc":"2.0","id":%[1]d,"method":"tcp.connect","params":[%[1]d,"127.0.0.1",%[2]d]}`, id, port)
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		raw.wantText("connected", fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":0}`, id))
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.wantSum("peer", peer, want)
			_ = peer.Close()
		}()
		raw.data(id, want[:defaultWindow])
		raw.sendf(`{"jsonrpc":"2.0","method":"tcp.%s","params":{"socketId":%d,"finalOffset":%d}}`, method, id, len(want))
		for sent := defaultWindow; sent < len(want); {
			limit := int(raw.wantLimit("credit comes after close", id))
			limit = min(limit, len(want))
			raw.data(id, want[sent:limit])
			sent = limit
		}
		for raw.wantLimit("everything is acknowledged", id) < uint64(len(want)+defaultWindow) {
		}
		<-done
	}
}

func TestSlowPeerMakesThePageWait(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	stuck, stuckPeer := h.pair(page, address)
	live, livePeer := h.pair(page, address)

	// More than the window and the kernel's buffers hold: Write blocks for credit.
	want := noise(6, 32*megabyte)
	written := make(chan struct{})
	go func() { defer close(written); h.write(stuck, want) }()
	for range 100 {
		h.write(live, []byte("ping"))
		h.wantRead("another stream is not delayed", livePeer, "ping")
		h.write(livePeer, []byte("pong"))
		h.wantRead("nor in the other direction", live, "pong")
		h.info(page, stuck)
	}
	select {
	case <-written:
		t.Fatal("32 MiB were taken although the peer does not read")
	default:
	}
	sent, acknowledged := stuck.Offsets()
	if sent-acknowledged > defaultWindow {
		t.Fatalf("%d bytes sent, %d taken: more than one window between them", sent, acknowledged)
	}
	go func() {
		<-written
		_ = stuck.End()
	}()
	h.wantSum("peer, once it reads", stuckPeer, want)
}

func TestSlowPageMakesThePeerWait(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	raw.send(`{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
	peer := raw.acceptOne()
	raw.send(`{"jsonrpc":"2.0","id":9,"method":"tcp.setPaused","params":[1,false]}`)
	raw.wantText("unpaused", `{"jsonrpc":"2.0","id":9,"result":null}`)

	want := noise(7, 32*megabyte)
	written := make(chan struct{})
	go func() {
		defer close(written)
		h.write(peer, want)
		_ = peer.CloseWrite()
	}()
	got := raw.wantData("a window comes without credit being returned", 1, defaultWindow)
	raw.wantIdle("and not a byte more", 1)
	select {
	case <-written:
		t.Fatal("the peer wrote 32 MiB although the page returned no credit")
	default:
	}
	for len(got) < len(want) {
		raw.limit(1, uint64(len(got)+defaultWindow))
		got = append(got, raw.wantData("credit lets more follow", 1, min(defaultWindow, len(want)-len(got)))...)
	}
	raw.wantEnd("then the end", 1, -100)
	if string(got) != string(want) {
		t.Fatal("bytes differ")
	}
}

func TestPeerThatResetsStopsTheStream(t *testing.T) {
	h, page, stream, peer := newPausedPair(t)
	if err := peer.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	_ = peer.Close()
	var stop *wire.StopError
	for {
		if _, err := stream.Write(noise(8, 1000)); errors.As(err, &stop) {
			break
		}
		if err := stream.Flush(h.ctx); errors.As(err, &stop) {
			break
		}
	}
	if stop.Code != -2 {
		t.Fatalf("STOP carries %d, want -2", stop.Code)
	}
	if info := h.info(page, stream); info.Connected || !info.Paused {
		t.Fatalf("after STOP of a paused stream: %+v, want unconnected", info)
	}
}

func TestConnectDisconnectConnectAgain(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	stream, err := page.CreateStream(h.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		if err := stream.Connect(h.ctx, "127.0.0.1", port); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		h.wantError("a second connect", h.call(page, "tcp.connect", []any{stream.ID(), "127.0.0.1", port}), -23)
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if paused := h.info(page, stream).Paused; paused != (round > 0) {
			t.Fatalf("round %d: paused is %t", round, paused)
		}
		h.unpause(stream)
		h.write(peer, []byte("down"))
		h.wantRead("down", stream, "down")
		h.write(stream, []byte("up"))
		h.wantRead("up", peer, "up")
		if err := stream.Disconnect(h.ctx); err != nil {
			t.Fatal(err)
		}
		h.wantEOF("disconnect sends FIN", peer)
		_ = peer.Close()
		if info := h.info(page, stream); info.Connected || !info.Paused {
			t.Fatalf("after disconnect: %+v", info)
		}
	}
}

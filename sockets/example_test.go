package sockets_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"

	"github.com/socketgate/socketgate/sockets"
)

// owner is a session at its simplest: it keeps events and streams that have something to send.
type owner struct {
	accepted chan uint32
	ready    chan *sockets.Stream
}

func (o owner) Accepted(_, stream uint32)             { o.accepted <- stream }
func (o owner) AcceptFailed(uint32, sockets.Result)   {}
func (o owner) Ready(s *sockets.Stream)               { o.ready <- s }
func (o owner) Flush(bool)                            {}
func (o owner) Acknowledged(uint64) bool              { return true }
func (o owner) WaitForRoom(stop <-chan struct{}) bool { return true }

// A page serves one connection: bytes come and go as records.
func Example() {
	page := owner{make(chan uint32, 1), make(chan *sockets.Stream, 8)}
	namespace := sockets.NewNamespace(sockets.Config{Events: page})
	defer namespace.Close(context.Background())

	id, _ := namespace.CreateServer(sockets.ServerProperties{})
	start, err := namespace.Listen(int32(id), "127.0.0.1", 0, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	start()
	info, _ := namespace.ServerInfo(int32(id))
	peer, err := net.Dial("tcp", net.JoinHostPort(info.LocalAddress, fmt.Sprint(info.LocalPort)))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer peer.Close()
	fmt.Println("accepted stream", <-page.accepted)

	fmt.Fprint(peer, "hello")
	frame, _ := (<-page.ready).AppendRecords(nil, 1<<16)
	fmt.Printf("%d bytes of record: %q\n", len(frame), frame[8:])

	// The page answers with the record that it got: type DATA, 5 bytes, stream 1.
	if _, err := namespace.ReadRecords(bytes.NewReader(frame), 0); err != nil {
		fmt.Println(err)
		return
	}
	answer := make([]byte, 5)
	_, _ = io.ReadFull(peer, answer)
	fmt.Printf("the peer reads %q\n", answer)
	// Output:
	// accepted stream 1
	// 13 bytes of record: "hello"
	// the peer reads "hello"
}

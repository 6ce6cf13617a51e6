// Package gateway is the HTTP server between browsers and sockets: it serves the page and the client
// script, and upgrades connections of permitted origins to WebSockets that speak the protocol of
// PROTOCOL.md.
//
// # The way of a message
//
// A request passes the gate (gate.go), is routed (routes.go) and, on /v1/ws, becomes a conn
// (conn.go). From then on two goroutines serve it. The reader is the JSON-RPC library's: it pulls
// messages from frames.go, where binary ones go straight to the session's sockets and text ones to
// package rpc; it never waits for the writer. The writer is the goroutine of the HTTP handler
// (writer.go): it takes text from the outbox and records from the streams that have said they are
// ready, gathers them in one system call, and waits when there is nothing to do.
//
// # Who may come in
//
// The gate stands before every path of every port, the console's (console.go) included. It asks package
// access how a visitor stands; a WebSocket's visitor waits in the lobby (lobby.go, ask.go) until session.open
// is given a lease. The policy of the session's sockets is the lease's: it is asked at each act. A
// revocation comes as a call of Session.revoke.
//
// # Sessions and connections
//
// A conn begins in the lobby (lobby.go), which answers session.open. Then the reading goes over to a
// dialogue (dialogue.go): what a session and its page have to say to each other, over one connection
// after another. Its reader is a goroutine of its own, which waits between two connections. What it
// sends is numbered and kept in a sentLog (sentlog.go) until the page has it. How a session gets a
// connection and loses it is in attach.go. A page that is loaded again has the same [Session], and so
// the same sockets, and a new dialogue.
//
// # Ownership
//
// The [Server] owns its listeners, connections and sessions, and Shutdown waits for all three. A [Session]
// owns a namespace of sockets and one dialogue at a time.
//
// # Locks
//
// A session's turn (attach.go) comes before all others: whoever has it may wait for a connection's reader
// and writer, who never take it. Registry.mu comes before Session.mu. Then there is one line, the way out of
// package sockets: Namespace.mu or Stream.mu, then Session.mu, then the locks of package rpc, then outbox.mu,
// then control.mu. What stands on that line only queues. writer.mu is held for a turn of writing, and comes
// before Stream.mu, outbox.mu and control.mu. All others are leaves, that of
// access.Control too, which is taken with those of package sockets held.
package gateway

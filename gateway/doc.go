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
// # Ownership
//
// The [Server] owns its listeners and sessions, and Shutdown waits for both. A [Session] owns a
// namespace of sockets. For now it begins and ends with its connection, but its sockets know nothing
// of the connection.
//
// # Locks
//
// Registry.mu, Session.mu and outbox.mu are leaves but for one line, the way out of package sockets:
// Namespace.mu or Stream.mu, then Session.mu, then the locks of package rpc, then outbox.mu. What
// stands on that line only queues. The lock of access.Control is a leaf, too, and arrivals.mu another.
package gateway

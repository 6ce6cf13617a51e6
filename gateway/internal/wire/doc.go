// Package wire is a Go client of the socketgate wire protocol (gateway/PROTOCOL.md), for the gateway's
// tests and for its benchmark. It plays the page.
//
// [Dial] opens a session and gives a [Client]: calls, accepted connections, and [Stream] with flow
// control in both directions. It is strict: a gateway that sends more than it was allowed to, answers a
// call that was not made or mentions a stream that was closed ends the client with a [ViolationError].
// [DialRaw] gives the bare messages instead, for tests that break the protocol on purpose.
//
// # Goroutines and locks
//
// A Client has two goroutines. The reader reads every message and runs every callback: those of [Options],
// of [Client.Go] and of [Handler]. A callback that blocks therefore stops the page from reading, which is
// how a test makes a slow page; it may call anything that says so, and must not wait for an answer. The
// writer sends what other goroutines have left; what is ready together shares a message. Both have ended
// when [Client.Close] or [Client.Abort] returns.
//
// One mutex, Client.mu, guards the client and its streams. It is never held during a callback or a read or
// write of the network. The WebSocket is written by whoever holds the turn (Client.writing): usually the
// writer, but also the reader at the end of a message, and the sender of a large block, because a hop to
// another goroutine costs more than the write itself.
package wire

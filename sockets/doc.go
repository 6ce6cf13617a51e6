// Package sockets gives one session its listening sockets ("servers") and TCP connections
// ("streams"), with the results and the order of events that Chrome's chrome.sockets.tcpServer and
// chrome.sockets.tcp show, and with flow control in both directions. It knows nothing of JSON, HTTP
// or WebSocket: calls are methods of [Namespace], events go to [Events], and the bytes of streams
// enter and leave as records (see record.go and gateway/PROTOCOL.md).
//
// # How bytes flow
//
// Down, from the TCP peer to the page: the read pump of a stream (stream_down.go) reads while the
// stream is not paused and little waits for the page; [Events.Ready] tells the owner's writer, which
// pulls records with [Stream.TakeBlock] and [Stream.AppendRecords] as far as the page's credit goes.
//
// Up, from the page to the TCP peer: [Namespace.ReadRecords] takes a binary message on the owner's
// reading goroutine, which never blocks on a socket: it hands to the kernel what the kernel takes at
// once, and leaves the rest to a write pump (stream_up.go) that lives until the queue is empty.
//
// # Ownership
//
// A namespace owns its servers and streams. Each accept loop, pump and dial is a goroutine counted by
// the namespace; [Namespace.Close] waits for all of them. Nothing here derives from the context of a
// request or a connection: sockets belong to the session.
//
// # Locks
//
// Namespace.mu guards the maps and all state of servers; Stream.mu guards one stream. Neither is held
// while the other is taken. Both may be held while Events methods are called, which therefore only
// queue: they must not block and must not call back into this package.
package sockets

// Package rpc speaks JSON-RPC 2.0 (https://www.jsonrpc.org/specification) with one page and calls the
// sockets of its session. It knows nothing of WebSockets: text comes from [Frames] and goes to [Sink].
//
// # How a call flows
//
//	Frames.NextText
//	 └ codec.ReadObject    JSON, shape, id, batches; whatever is malformed is answered here
//	    └ jsonrpc2.Conn    github.com/sourcegraph/jsonrpc2
//	       └ router.Handle    lookup, parameters, the method
//	          └ router.finish    the outcome: result or error, once per call
//	             └ jsonrpc2.Conn
//	                └ codec.WriteObject    the page's own id; a reply of a batch is kept for the others
//	                   └ Sink.Text
//	             └ the hooks of replies that have been queued
//
// The library understands a part of JSON-RPC 2.0 only: it closes the connection on malformed input and on
// batches, and loses ids that are null, negative, fractional or large. So the codec in front of it is the
// conformance layer. It hands the library one small canonical message per call, with an id of its own, and
// keeps beside it, in a call record, what must survive unchanged: the id and the parameters as the page
// wrote them.
//
// # Goroutines and locks
//
// One goroutine per connection, the library's reader, reads frames, decodes, and runs every method. No
// method blocks. A method that must wait, such as tcp.connect, finishes from a goroutine that the
// session's sockets own and wait for.
//
// Locks are taken in this order: the library's send lock, codec.mu, then whatever the Sink takes. None is
// held while a method or a hook runs. router.mu is held alone.
//
// # Cancellation
//
// A connection ends when NextText reports an error. Nothing else ends it, and no socket depends on a
// context of it: [Conn.Done] tells the owner, who closes the session.
package rpc

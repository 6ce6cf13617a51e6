package sockets

// Events is how a namespace tells its owner what happened. Accepted, AcceptFailed and Ready are called
// with locks of this package held: they only queue, never block and never call back. What they queue
// need not be sent before the call of Flush that follows, without a lock.
type Events interface {
	// Accepted announces a new stream of a server, connected and paused.
	Accepted(server, stream uint32)
	// AcceptFailed announces that accepting failed and the server is now paused.
	AcceptFailed(server uint32, result Result)
	// Ready says that s has records to send. It is not repeated until a call of [Stream.TakeBlock]
	// or [Stream.AppendRecords] has said that there is nothing more.
	Ready(s *Stream)
	// Flush says that this goroutine has queued what it had to. With mayBlock it is one that may be
	// used to send what is queued, and be made to wait by a page that does not read.
	Flush(mayBlock bool)
	// Acknowledged says that the page has received that many messages. It is called by ReadRecords, without
	// a lock, and returns false if the page cannot have.
	Acknowledged(messages uint64) bool
	// WaitForRoom blocks while the owner's queue of events is too full for one more Accepted.
	// It returns false if stop was closed first.
	WaitForRoom(stop <-chan struct{}) bool
}

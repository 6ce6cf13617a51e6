package sockets

// Events is how a namespace tells its owner what happened. All methods but WaitForRoom are called
// with locks of this package held: they only queue, never block and never call back.
type Events interface {
	// Accepted announces a new stream of a server, connected and paused.
	Accepted(server, stream uint32)
	// AcceptFailed announces that accepting failed and the server is now paused.
	AcceptFailed(server uint32, result Result)
	// Ready says that s has records to send. It is not repeated until a call of
	// [Stream.AppendRecords] has said that there is nothing more.
	Ready(s *Stream)
	// WaitForRoom blocks while the owner's queue of events is too full for one more Accepted.
	// It returns false if stop was closed first.
	WaitForRoom(stop <-chan struct{}) bool
}

package rpc

import "github.com/socketgate/socketgate/sockets"

func sessionMethods() []method {
	open := newMethodWaiting("session.open",
		"Begins a session, or goes on with one. It must be the first call, and no element of a batch.",
		Session.Open, docSessionAlreadyOpen, docSessionGone, docOriginNotPermitted, docLimit)
	open.alone = true
	return []method{
		open,
		newMethodWaiting("permission.request", "Asks the user for permission, and waits. It comes before session.open.",
			Session.Ask, docSessionAlreadyOpen, docPermissionDenied, docRequestExpired, docRequestWithdrawn, docLimit),
		newMethod("session.ping", "Answers null.",
			onSocket(func(*sockets.Namespace, struct{}) error { return nil }), docSessionNotOpen),
		newMethodAfter("session.close", "Closes every socket and, after the answer, the connection.",
			func(s Session, _ struct{}) (void, func(), error) {
				after, err := s.Close()
				return void{}, after, err
			}, docSessionNotOpen),
	}
}

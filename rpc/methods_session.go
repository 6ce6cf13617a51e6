package rpc

import "github.com/socketgate/socketgate/sockets"

func sessionMethods(s Session) []method {
	return []method{
		newMethod("session.open", "Begins the session. It must be the first call.",
			s.Open, docSessionAlreadyOpen),
		newMethod("session.ping", "Answers null.",
			onSocket(s, func(*sockets.Namespace, struct{}) error { return nil }), docSessionNotOpen),
		newMethodAfter("session.close", "Closes every socket and, after the answer, the connection.",
			func(struct{}) (void, func(), error) {
				after, err := s.Close()
				return void{}, after, err
			}, docSessionNotOpen),
	}
}

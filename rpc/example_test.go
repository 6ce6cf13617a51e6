package rpc_test

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/socketgate/socketgate/rpc"
	"github.com/socketgate/socketgate/sockets"
)

// script is a page that says what is in it and shows what it is told.
type script []string

func (s *script) NextText() ([]byte, error) {
	if len(*s) == 0 {
		return nil, io.EOF
	}
	text := (*s)[0]
	*s = (*s)[1:]
	return []byte(text), nil
}

func (s *script) Text(msg []byte) { fmt.Println(string(msg)) }

// session is the least that a session does.
type session struct{ open bool }

func (s *session) Open(_ rpc.OpenParams, done func(rpc.OpenResult, func(), error)) {
	if s.open {
		done(rpc.OpenResult{}, nil, rpc.ErrSessionAlreadyOpen)
		return
	}
	s.open = true
	done(rpc.OpenResult{Session: "a1"}, nil, nil)
}

func (s *session) Ask(_ rpc.AskParams, done func(rpc.AskResult, func(), error)) {
	done(rpc.AskResult{}, nil, rpc.ErrDenied)
}

func (s *session) Close() (after func(), err error) { return nil, rpc.ErrSessionNotOpen }

func (s *session) Namespace() (*sockets.Namespace, error) {
	if !s.open {
		return nil, rpc.ErrSessionNotOpen
	}
	return nil, nil // session.ping does not use it
}

func Example() {
	page := &script{
		`{"jsonrpc":"2.0","id":1,"method":"session.ping"}`,
		`{"jsonrpc":"2.0","method":"session.open"}`,
		`[{"jsonrpc":"2.0","method":"session.ping"},{"jsonrpc":"2.0","id":"two","method":"session.ping"}]`,
		`{"jsonrpc":"2.0","id":3,"method":"tcpServer.listen","params":[1,"127.0.0.1","http"]}`,
	}
	conn := rpc.NewConn(page, page, &session{}, slog.New(slog.DiscardHandler), rpc.Limits{})
	conn.Start()
	<-conn.Done()
	// Output:
	// {"jsonrpc":"2.0","id":1,"error":{"code":-32003,"message":"Session not open"}}
	// [{"jsonrpc":"2.0","id":"two","result":null}]
	// {"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"Invalid params: port must be an integer of 32 bits, got \"http\""}}
}

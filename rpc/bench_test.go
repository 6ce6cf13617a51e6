package rpc

import (
	"testing"

	"github.com/socketgate/socketgate/sockets"
)

// BenchmarkCall is one call through codec, library and router and back, by what stands around it.
func BenchmarkCall(b *testing.B) {
	table := newMethodTable([]method{
		newMethod("tcp.getInfo", "", func(Session, socketParams) (streamInfo, error) {
			return newStreamInfo(sockets.StreamInfo{
				SocketID: 7, Connected: true,
				LocalAddress: "127.0.0.1", LocalPort: 8080,
				PeerAddress: "127.0.0.1", PeerPort: 50000,
			}), nil
		}),
	})
	for name, text := range map[string]string{
		"named":      `{"jsonrpc":"2.0","id":12345,"method":"tcp.getInfo","params":{"socketId":7}}`,
		"positional": `{"jsonrpc":"2.0","id":12345,"method":"tcp.getInfo","params":[7]}`,
		"invalid":    `{"jsonrpc":"2.0","id":12345,"method":7,"params":[7]}`,
	} {
		b.Run(name, func(b *testing.B) {
			c := newTestConn(b, closedSession{}, table, Limits{})
			message := testText{text: make([]byte, len(text))}
			b.ReportAllocs()
			for b.Loop() {
				copy(message.text, text)
				c.texts <- message
				<-c.idle
				c.out = c.out[:0] // the reader waits
			}
		})
	}
}

package rpc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/sockets"
)

// TestTranscripts runs the files of testdata, each on a connection of its own: codec/*.txt with the methods
// of testMethods, gateway/*.txt with the gateway's methods and a session that is not open.
//
//	# comment
//	--> a message from the page
//	<-- what the page is sent, byte for byte
//	finish NAME       ends a call of the method wait
//	refuse NAME       ends it with an error
func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.ToSlash(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			runTranscript(t, filepath.Base(filepath.Dir(path)), string(text))
		})
	}
}

func runTranscript(t *testing.T, table, text string) {
	x := &testMethods{waiting: map[string]func(success, func(), error){}}
	tables := map[string]methodTable{"codec": x.table(), "gateway": methods}
	c := newTestConn(t, closedSession{}, tables[table], Limits{MaxBatch: 6})
	x.conn = c

	var action string // what the answers collected in want belong to
	var want []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch verb {
		case "<--":
			want = append(want, rest)
			continue
		case "#", "":
			continue
		}
		if action != "" || len(want) > 0 {
			c.want(action, want...)
		}
		action, want = line, nil
		switch verb {
		case "-->":
			c.send(rest)
		case "finish":
			x.finish(rest, nil)
		case "refuse":
			x.finish(rest, sockets.ConnectionRefused)
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	c.want(action, want...)
}

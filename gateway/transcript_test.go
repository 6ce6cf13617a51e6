package gateway_test

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/gateway/internal/wire"
	"github.com/socketgate/socketgate/sockets"
)

// TestTranscripts runs testdata/*.txt, which show the protocol as PROTOCOL.md describes it:
//
//	--> text message of the page          <-- text message of the gateway, compared byte for byte
//	==> binary message of the page        <== binary message of the gateway: records, separated by |
//	peer NAME dials | writes "…" | reads "…" | ends | resets | sees the end
//	<-- close CODE REASON
//	# comment
//
// "…" in a line of the gateway stands for the opaque names of a session and its secret, {session} and {secret}
// for them in a line of the page, {port} for the port that server 1 listens on. "reconnect" drops the connection
// and makes another, "reconnect as ORIGIN" as a page of that origin. "user approves", "user denies" and "user revokes
// ORIGIN" are the user's, {code} and {credential} stand for what permission.request led to. A record is DATA, LIMIT, END or STOP, a socket id, and a quoted payload or a number.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			control := newAccess(t, access.Config{Everyone: sockets.Loopback{}})
			s := &transcript{
				rawPage: newHarness(t, gateway.Config{Access: control}).raw(), control: control, peers: map[string]*net.TCPConn{},
			}
			for i, line := range strings.Split(string(text), "\n") {
				s.where = fmt.Sprintf("%s:%d", file, i+1)
				s.step(line)
			}
			if len(s.texts)+len(s.records) > 0 {
				t.Fatalf("%s: the gateway also sent %q and %d records", file, s.texts, len(s.records))
			}
		})
	}
}

type transcript struct {
	*rawPage
	peers map[string]*net.TCPConn
	where string // file and line
	port  string
	// what the gateway answered to session.open
	session, secret string
	// what it answered to permission.request
	code, credential string
	control          *access.Control
}

func (s *transcript) step(line string) {
	s.Helper()
	arrow, rest, _ := strings.Cut(line, " ")
	switch arrow {
	case "", "#":
	case "-->":
		if strings.Contains(rest, `"fresh":true`) {
			s.received = 0
		} else if match := receivedCount.FindStringSubmatch(rest); match != nil {
			s.received, _ = strconv.ParseUint(match[1], 10, 64) // digits
		}
		s.send(strings.NewReplacer("{port}", s.port, "{session}", s.session, "{secret}", s.secret, "{credential}", s.credential).Replace(rest))
	case "<--":
		if code, ok := strings.CutPrefix(rest, "close "); ok {
			number, reason, _ := strings.Cut(code, " ")
			n, _ := strconv.Atoi(number)
			s.wantClose(s.where, n, reason)
			return
		}
		s.wantLine(rest)
	case "==>":
		var message []byte
		for _, record := range strings.Split(rest, " | ") {
			message = append(message, s.record(record)...)
		}
		s.binary(message)
	case "<==":
		for _, record := range strings.Split(rest, " | ") {
			s.wantRecordBytes(record)
		}
	case "peer":
		s.peerStep(rest)
	case "reconnect":
		_ = s.conn.Close() // as a network that is gone
		origin, _ := strings.CutPrefix(rest, "as ")
		s.conn, s.open, s.received = s.from(cmp.Or(origin, "http://localhost")).conn, false, 0
	case "user":
		s.userStep(rest)
	default:
		s.Fatalf("%s: what is %q?", s.where, line)
	}
}

var (
	sessionName    = regexp.MustCompile(`"session":"([A-Z2-7]{26})","secret":"([A-Z2-7]{26})"`)
	receivedCount  = regexp.MustCompile(`"received":(\d+)`)
	requestCode    = regexp.MustCompile(`"code":"([A-Z0-9]{4}-[A-Z0-9]{4})"`)
	credentialText = regexp.MustCompile(`"credential":"(sg1_[-_0-9A-Za-z]{43})"`)
	portNumber     = regexp.MustCompile(`"localPort":(\d+),`)
)

// wantLine compares the next text message.
func (s *transcript) wantLine(want string) {
	s.Helper()
	for len(s.texts) == 0 {
		if err := s.receive(); err != nil {
			s.Fatalf("%s: %v", s.where, err)
		}
	}
	got := s.texts[0]
	s.texts = s.texts[1:]
	if match := portNumber.FindStringSubmatch(got); match != nil && strings.Contains(want, `"localPort":{port}`) {
		s.port = match[1]
	}
	if match := sessionName.FindStringSubmatch(got); match != nil {
		s.session, s.secret = match[1], match[2]
	}
	if match := requestCode.FindStringSubmatch(got); match != nil {
		s.code = match[1]
		got = strings.ReplaceAll(got, s.code, "{code}")
	}
	if match := credentialText.FindStringSubmatch(got); match != nil {
		s.credential = match[1]
		got = strings.ReplaceAll(got, s.credential, "{credential}")
	}
	if s.session != "" {
		got = strings.NewReplacer(s.session, "…", s.secret, "…").Replace(got)
	}
	if want = strings.ReplaceAll(want, "{port}", s.port); got != want {
		s.Fatalf("%s:\n got <-- %s\nwant <-- %s", s.where, got, want)
	}
}

var recordTypes = map[string]byte{"DATA": 0, "LIMIT": 1, "END": 2, "STOP": 3}

// record builds the bytes of a record; "raw" gives them in hexadecimal.
func (s *transcript) record(text string) []byte {
	s.Helper()
	fields := strings.SplitN(strings.TrimSpace(text), " ", 3)
	if fields[0] == "raw" {
		var p []byte
		if _, err := fmt.Sscanf(strings.Join(fields[1:], ""), "%x", &p); err != nil {
			s.Fatalf("%s: %v", s.where, err)
		}
		return p
	}
	id, err := strconv.ParseUint(fields[1], 10, 32)
	kind, known := recordTypes[fields[0]]
	if err != nil || !known || len(fields) != 3 {
		s.Fatalf("%s: what is the record %q?", s.where, text)
	}
	if kind == recordTypes["DATA"] {
		return wire.AppendRecord(nil, kind, uint32(id), s.unquote(fields[2]))
	}
	n, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		s.Fatalf("%s: %v", s.where, err)
	}
	if kind == recordTypes["LIMIT"] {
		return wire.AppendLimit(nil, uint32(id), uint64(n))
	}
	p := wire.AppendEnd(nil, uint32(id), int32(n))
	p[0] = kind
	return p
}

// wantRecordBytes compares the next record.
func (s *transcript) wantRecordBytes(want string) {
	s.Helper()
	for len(s.records) == 0 {
		if err := s.receive(); err != nil {
			s.Fatalf("%s: want %s, got %v", s.where, want, err)
		}
	}
	r := s.records[0]
	s.records = s.records[1:]
	got := wire.AppendRecord(nil, r.Type, r.ID, r.Payload)
	if expected := s.record(want); string(got) != string(expected) {
		s.Fatalf("%s: got record %x, want %s, which is %x", s.where, got, want, expected)
	}
}

func (s *transcript) peerStep(text string) {
	s.Helper()
	name, act, _ := strings.Cut(text, " ")
	verb, object, _ := strings.Cut(act, " ")
	peer := s.peers[name]
	switch verb {
	case "dials":
		s.peers[name] = s.dial("127.0.0.1:" + s.port)
	case "writes":
		s.write(peer, s.unquote(object))
	case "reads":
		s.wantRead(s.where, peer, string(s.unquote(object)))
	case "ends":
		if err := peer.CloseWrite(); err != nil {
			s.Fatalf("%s: %v", s.where, err)
		}
	case "resets":
		_ = peer.SetLinger(0) // a socket that is open takes it
		_ = peer.Close()
	case "sees":
		s.wantEOF(s.where, peer)
	default:
		s.Fatalf("%s: what does the peer do? %q", s.where, act)
	}
}

// userStep is what the user says about the request that waits, or the origin.
func (s *transcript) userStep(text string) {
	s.Helper()
	verb, origin, _ := strings.Cut(text, " ")
	var err error
	switch verb {
	case "approves":
		err = s.control.Approve(s.code, access.Always)
	case "denies":
		err = s.control.Deny(s.code, false)
	case "revokes":
		err = s.control.Revoke(origin)
	default:
		s.Fatalf("%s: what does the user do? %q", s.where, text)
	}
	if err != nil {
		s.Fatalf("%s: %v", s.where, err)
	}
}

func (s *transcript) unquote(text string) []byte {
	s.Helper()
	p, err := strconv.Unquote(text)
	if err != nil {
		s.Fatalf("%s: %s: %v", s.where, text, err)
	}
	return []byte(p)
}

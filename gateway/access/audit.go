package access

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"
)

// maxAuditText is how much of a stranger's text is written down, in bytes.
const maxAuditText = 300

// maxAuditQueue is how many lines may wait to be written. More are left out, and counted.
const maxAuditQueue = 1024

// Act is what a decision is about.
type Act string

// The acts.
const (
	ActVisit   Act = "visit"
	ActOpen    Act = "open"
	ActRequest Act = "request"
	ActApprove Act = "approve"
	ActDeny    Act = "deny"
	ActRevoke  Act = "revoke"
	ActListen  Act = "listen"
	ActAccept  Act = "accept"
	ActConnect Act = "connect"
	ActDial    Act = "dial"
)

// The verdicts of a decision.
const (
	Allowed = "allowed"
	Refused = "refused"
)

// Entry is one decision.
type Entry struct {
	Act     Act
	Visitor Visitor
	Target  string // what the act is on: an address, the name of a request
	Verdict string
	Rule    string // what decided
}

// auditLine is an entry in the file. encoding/json escapes control characters.
type auditLine struct {
	Time    string `json:"time"`
	Act     Act    `json:"act"`
	Origin  string `json:"origin,omitempty"`
	Peer    string `json:"peer,omitempty"`
	Target  string `json:"target,omitempty"`
	Verdict string `json:"verdict"`
	Rule    string `json:"rule"`
	// LeftOut is how many entries before this one could not be written in time.
	LeftOut int `json:"leftOut,omitempty"`
}

// Audit writes down what was decided: to the log, and to a file in the folder. Nothing in it is a secret or
// a payload.
type Audit struct {
	// immutable
	log    *slog.Logger
	file   *rotating // nil if there is no folder
	writer sync.WaitGroup
	wake   chan struct{} // capacity 1
	stop   chan struct{} // closed by close

	mu      sync.Mutex // guards the fields below
	queue   []auditLine
	leftOut int
	closed  bool
}

// newAudit begins an audit. With a folder a goroutine writes the file, until close.
func newAudit(log *slog.Logger, folder *Folder) *Audit {
	a := &Audit{log: log, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	if folder != nil {
		a.file = &rotating{folder: folder}
		a.writer.Go(a.write)
	}
	return a
}

// Record writes an entry down. It only queues.
func (a *Audit) Record(e Entry) {
	level := slog.LevelInfo
	if e.Verdict == Allowed && e.Act == ActConnect {
		level = slog.LevelDebug // a program may make thousands a second
	}
	origin, target := auditText(e.Visitor.Origin), auditText(e.Target)
	a.log.Log(context.Background(), level, string(e.Act), "origin", origin, "peer", e.Visitor.Peer,
		"target", target, "verdict", e.Verdict, "rule", e.Rule)
	if a.file == nil {
		return
	}
	line := auditLine{
		Time: time.Now().UTC().Format(time.RFC3339Nano), Act: e.Act, Origin: origin, Peer: e.Visitor.Peer,
		Target: target, Verdict: e.Verdict, Rule: e.Rule,
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || len(a.queue) >= maxAuditQueue {
		a.leftOut++
		return
	}
	line.LeftOut, a.leftOut = a.leftOut, 0
	a.queue = append(a.queue, line)
	select {
	case a.wake <- struct{}{}:
	default: // the writer is awake already
	}
}

// auditText is a text of a stranger's as it is written down.
func auditText(text string) string {
	if len(text) > maxAuditText {
		text = text[:maxAuditText] + "…"
	}
	return Printable(text)
}

// write is the goroutine that writes the file.
func (a *Audit) write() {
	for {
		select {
		case <-a.wake:
			a.writeQueue()
		case <-a.stop:
			a.writeQueue()
			return
		}
	}
}

func (a *Audit) writeQueue() {
	a.mu.Lock()
	queue := a.queue
	a.queue = nil
	a.mu.Unlock()
	var text []byte
	for _, line := range queue {
		one, err := json.Marshal(line)
		if err != nil {
			a.log.Error("audit line not written", "err", err)
			continue
		}
		text = append(append(text, one...), '\n')
	}
	if err := a.file.append(text); err != nil {
		a.log.Error("audit not written", "err", err)
	}
}

// close writes what waits and ends the goroutine.
func (a *Audit) close(ctx context.Context) error {
	if a.file == nil {
		return nil
	}
	a.mu.Lock()
	if !a.closed {
		a.closed = true
		close(a.stop)
	}
	a.mu.Unlock()
	done := make(chan struct{})
	go func() { // ends when the writer has ended
		a.writer.Wait()
		close(done)
	}()
	select {
	case <-done:
		return a.file.close()
	case <-ctx.Done():
		return ctx.Err()
	}
}

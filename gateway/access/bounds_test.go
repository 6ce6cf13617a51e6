package access

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

const anywhereManifest = `{"tcp":{"connect":"*"}}`

func TestConnectRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTester(t, Config{})
		lease, _ := w.mustAdmit(kiosk, w.grant(kiosk, anywhereManifest, Always))
		connect := func(host string) error { return lease.Policy().Connect(host, 8080) }
		for i := range DefaultConnectBurst {
			if err := connect("example.com"); err != nil {
				t.Fatalf("connect %d: %v", i, err)
			}
		}
		var limit *sockets.LimitError
		if err := connect("example.com"); !errors.As(err, &limit) || limit.Max != DefaultConnectRate {
			t.Errorf("beyond the burst: %v", err)
		}
		for range 10 * DefaultConnectBurst {
			if err := connect("127.0.0.1"); err != nil {
				t.Fatalf("connects to this computer are counted: %v", err)
			}
		}
		time.Sleep(time.Second)
		for i := range DefaultConnectRate {
			if err := connect("example.com"); err != nil {
				t.Errorf("connect %d of the next second: %v", i, err)
			}
		}
		if err := connect("example.com"); !errors.As(err, &limit) {
			t.Errorf("beyond the rate: %v", err)
		}
	})
}

func TestScanLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTester(t, Config{})
		lease, _ := w.mustAdmit(kiosk, w.grant(kiosk, anywhereManifest, Always))
		p := lease.Policy()
		for range 10 * DefaultScanFailures {
			p.Dialled("example.com", 80, io.EOF) // the same target: not a scan
		}
		for i := range DefaultScanFailures {
			p.Dialled("127.0.0.1", uint16(2000+i), nil) // they succeed
		}
		if err := p.Connect("127.0.0.1", 80); err != nil {
			t.Fatalf("locked without a scan: %v", err)
		}
		for i := range DefaultScanFailures {
			p.Dialled("127.0.0.1", uint16(1000+i), io.EOF)
			if i == DefaultScanFailures/2 {
				time.Sleep(ScanPeriod) // what was before it is forgotten
			}
		}
		if err := p.Connect("127.0.0.1", 80); err != nil {
			t.Fatalf("locked by failures of two minutes: %v", err)
		}
		for i := range DefaultScanFailures {
			p.Dialled(fmt.Sprintf("10.0.0.%d", i), 80, io.EOF)
		}
		var limit *sockets.LimitError
		for _, host := range []string{"example.com", "127.0.0.1"} {
			if err := p.Connect(host, 80); !errors.As(err, &limit) || limit.Max != DefaultScanFailures {
				t.Errorf("connect to %s after a scan: %v", host, err)
			}
		}
		lease.End() // a new session does not help
		if lease, _, err := w.admit(kiosk, w.grant(kiosk, anywhereManifest, Always)); err != nil {
			t.Error(err)
		} else if p = lease.Policy(); p.Connect("127.0.0.1", 80) == nil {
			t.Error("a new session ends the lock")
		}
		time.Sleep(ScanLock)
		if err := p.Connect("127.0.0.1", 80); err != nil {
			t.Errorf("after the lock: %v", err)
		}
	})
}

// TestLobby: strangers have few places, and take none of those that others have.
func TestLobby(t *testing.T) {
	l := lobby{limits: Limits{}.withDefaults()}
	enter := func(origin string, standing Standing) (func(), error) {
		return l.enter(Visitor{Origin: origin, Standing: standing})
	}
	var leave []func()
	for i := range DefaultStrangers {
		out, err := enter(fmt.Sprint(i/DefaultStrangersOfOrigin), Stranger)
		if err != nil {
			t.Fatalf("stranger %d: %v", i, err)
		}
		leave = append(leave, out)
		if i == DefaultStrangersOfOrigin-1 {
			if _, err := enter("0", Stranger); !errors.Is(err, ErrLobbyFull) {
				t.Errorf("one more of the same origin: %v", err)
			}
		}
	}
	if _, err := enter("another", Stranger); !errors.Is(err, ErrLobbyFull) {
		t.Errorf("one more in all: %v", err)
	}
	for i := range DefaultArriving {
		for _, standing := range []Standing{Granted, OwnPage, Listed} {
			out, err := enter(string(standing), standing)
			if err != nil {
				t.Fatalf("%s %d is kept out by strangers: %v", standing, i, err)
			}
			leave = append(leave, out)
		}
	}
	if _, err := enter(string(Granted), Granted); !errors.Is(err, ErrLobbyFull) {
		t.Errorf("one more of a granted origin: %v", err)
	}
	for _, out := range leave {
		out()
		out() // twice is once
	}
	if l.waiting != 0 || len(l.strangers) != 0 || len(l.known) != 0 {
		t.Errorf("when all have left there are %d, %v, %v", l.waiting, l.strangers, l.known)
	}
}

// TestMutesAreBounded: origins that were denied are not remembered without end.
func TestMutesAreBounded(t *testing.T) {
	w := newTester(t, Config{})
	for i := range maxMuted + 10 {
		r, _ := w.ask(fmt.Sprintf("https://a%d.example", i), anywhereManifest)
		if err := w.c.Deny(r.Code(), false); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.c.places); n > maxMuted {
		t.Errorf("%d origins are remembered, want at most %d", n, maxMuted)
	}
}

// TestManyGrants: there is an end to them, and what is there already stays changeable.
func TestManyGrants(t *testing.T) {
	const limit = 20
	w := newTester(t, Config{Limits: Limits{Grants: limit}})
	for i := range limit {
		if err := w.c.Allow(Origin(fmt.Sprintf("https://a%d.example", i)), Manifest{}, Always); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.c.Allow(kiosk, Manifest{}, Always); !errors.Is(err, ErrManyGrants) {
		t.Errorf("one more: %v, want %v", err, ErrManyGrants)
	}
	if err := w.c.Allow("https://a0.example", Manifest{}, For30Days); err != nil {
		t.Errorf("a change: %v", err)
	}
}

// TestManyCredentials: of an origin's credentials, the oldest goes first.
func TestManyCredentials(t *testing.T) {
	w := newTester(t, Config{})
	var credentials []string
	for range maxCredentials + 1 {
		credentials = append(credentials, w.grant(kiosk, loopbackManifest, Always))
	}
	w.wantRefused("the oldest", kiosk, credentials[0], ReasonWrong)
	for _, credential := range credentials[1:] {
		w.mustAdmit(kiosk, credential)
	}
}

// TestAuditIsBounded: what cannot be written in time is left out and counted, and nobody fills it with a
// long text.
func TestAuditIsBounded(t *testing.T) {
	a := &Audit{log: slog.New(slog.DiscardHandler), file: &rotating{}} // nobody writes
	for range maxAuditQueue + 5 {
		a.Record(Entry{Act: ActVisit, Visitor: Visitor{Origin: strings.Repeat("\x01", 1<<20)}, Target: strings.Repeat("x", 1<<20)})
	}
	if len(a.queue) != maxAuditQueue || a.leftOut != 5 {
		t.Errorf("%d lines wait, %d are left out; want %d and 5", len(a.queue), a.leftOut, maxAuditQueue)
	}
	if line := a.queue[0]; len(line.Origin) > 7*maxAuditText || len(line.Target) > 7*maxAuditText {
		t.Errorf("a line has %d and %d bytes of a stranger's text", len(line.Origin), len(line.Target))
	}
	a.queue = nil
	a.Record(Entry{Act: ActVisit})
	if a.queue[0].LeftOut != 5 || a.leftOut != 0 {
		t.Errorf("the next line says that %d are left out", a.queue[0].LeftOut)
	}
}

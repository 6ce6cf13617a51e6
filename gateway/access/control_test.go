package access

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

const kiosk = "https://kiosk.example"

// tester drives a Control as pages, a user and time do.
type tester struct {
	*testing.T
	c *Control
}

func newTester(t *testing.T, config Config) *tester {
	t.Helper()
	c, err := NewControl(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &tester{t, c}
}

func (t *tester) visit(origin string) Visitor {
	t.Helper()
	v, err := t.c.Visit(Origin(origin), false, "127.0.0.1:1")
	if err != nil {
		t.Fatalf("visit of %s: %v", origin, err)
	}
	return v
}

// ask puts a request and returns where its answer arrives.
func (t *tester) ask(origin, manifest string) (*Request, <-chan Answer) {
	t.Helper()
	answers := make(chan Answer, 1)
	r, err := t.c.Ask(t.visit(origin), "Kiosk", parse(t, manifest), func(a Answer) { answers <- a })
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	return r, answers
}

// grant asks and approves.
func (t *tester) grant(origin, manifest string, kind Kind) (credential string) {
	t.Helper()
	r, answers := t.ask(origin, manifest)
	if err := t.c.Approve(r.Code(), kind); err != nil {
		t.Fatalf("approve: %v", err)
	}
	return (<-answers).Credential
}

func (t *tester) admit(origin, credential string) (*Lease, <-chan struct{}, error) {
	t.Helper()
	revoked := make(chan struct{})
	lease, err := t.c.Admit(t.visit(origin), credential, DefaultMaxSessions)
	if err == nil {
		lease.OnRevoke(func() { close(revoked) })
	}
	return lease, revoked, err
}

func (t *tester) mustAdmit(origin, credential string) (*Lease, <-chan struct{}) {
	t.Helper()
	lease, revoked, err := t.admit(origin, credential)
	if err != nil {
		t.Fatalf("admit %s: %v", origin, err)
	}
	t.Cleanup(lease.End)
	return lease, revoked
}

func (t *tester) wantRefused(why, origin, credential, reason string) {
	t.Helper()
	_, _, err := t.admit(origin, credential)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Reason != reason {
		t.Errorf("%s: %v, want %s", why, err, reason)
	}
}

const loopbackManifest = `{"tcpServer":{"listen":"127.0.0.1:*"},"tcp":{"connect":"127.0.0.1:*"}}`

func TestStrangerBecomesGuest(t *testing.T) {
	w := newTester(t, Config{})
	w.wantRefused("a stranger", kiosk, "", ReasonUnknown)
	credential := w.grant(kiosk, loopbackManifest, For30Days)
	w.wantRefused("no credential", kiosk, "", ReasonMissing)
	w.wantRefused("a wrong credential", kiosk, credential[:len(credential)-4]+"AAAA", ReasonWrong)
	w.wantRefused("no credential at all", kiosk, "sg1_x", ReasonWrong)
	w.wantRefused("another origin's credential", "https://other.example", credential, ReasonExpired)
	lease, _ := w.mustAdmit(kiosk, credential)
	local := netip.MustParseAddrPort("127.0.0.1:8000")
	if err := lease.Policy().Listen("127.0.0.1", local); err != nil {
		t.Errorf("listen: %v", err)
	}
	if err := lease.Policy().Listen("0.0.0.0", netip.MustParseAddrPort("0.0.0.0:8000")); !errors.Is(err, sockets.ErrNotPermitted) {
		t.Errorf("listen beyond the grant: %v", err)
	}
	if err := lease.Policy().Connect("example.com", 443); !errors.Is(err, sockets.ErrNotPermitted) {
		t.Errorf("connect beyond the grant: %v", err)
	}
	if s := w.c.State(); len(s.Grants) != 1 || s.Grants[0].Sessions != 1 || s.Grants[0].Expires == nil {
		t.Errorf("state is %+v", s)
	}
}

// TestRevoke: the sessions are told, and what their policy says changes at once.
func TestRevoke(t *testing.T) {
	w := newTester(t, Config{})
	credential := w.grant(kiosk, loopbackManifest, Always)
	lease, revoked := w.mustAdmit(kiosk, credential)
	if err := w.c.Revoke(kiosk); err != nil {
		t.Fatal(err)
	}
	<-revoked
	local := netip.MustParseAddrPort("127.0.0.1:8000")
	if err := lease.Policy().Accept("127.0.0.1", local, local); !errors.Is(err, sockets.ErrNotPermitted) {
		t.Errorf("accept after the revocation: %v", err)
	}
	w.wantRefused("after the revocation", kiosk, credential, ReasonExpired)
	if err := w.c.Revoke(kiosk); !errors.Is(err, ErrNoGrant) {
		t.Errorf("revoked twice: %v", err)
	}
}

// TestNewestWordCounts: a second approval changes what the sessions of the first may do, and does not end them.
func TestNewestWordCounts(t *testing.T) {
	w := newTester(t, Config{})
	first := w.grant(kiosk, loopbackManifest, Always)
	lease, revoked := w.mustAdmit(kiosk, first)
	second := w.grant(kiosk, `{"tcpServer":{"listen":"127.0.0.1:9000"}}`, Always)
	if err := lease.Policy().Listen("127.0.0.1", netip.MustParseAddrPort("127.0.0.1:8000")); !errors.Is(err, sockets.ErrNotPermitted) {
		t.Errorf("what only the old grant had: %v", err)
	}
	w.mustAdmit(kiosk, second)
	w.mustAdmit(kiosk, first) // another browser of the same user
	select {
	case <-revoked:
		t.Error("the session was ended")
	default:
	}
}

func TestDenials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTester(t, Config{})
		for range maxDenials {
			r, answers := w.ask(kiosk, loopbackManifest)
			if err := w.c.Deny(r.Code(), false); err != nil {
				t.Fatal(err)
			}
			if a := <-answers; !errors.Is(a.Err, ErrDenied) {
				t.Errorf("answer is %+v", a)
			}
		}
		_, err := w.c.Ask(w.visit(kiosk), "Kiosk", Manifest{}, nil)
		if !errors.Is(err, ErrMuted) || !errors.Is(err, ErrDenied) {
			t.Errorf("after %d denials: %v, want %v", maxDenials, err, ErrMuted)
		}
		_, _, err = w.admit(kiosk, "")
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.CanRequest {
			t.Errorf("a muted origin is told %+v", err)
		}
		w.ask("https://other.example", loopbackManifest)
		time.Sleep(muteTime)
		w.ask(kiosk, loopbackManifest)
	})
}

func TestBlock(t *testing.T) {
	w := newTester(t, Config{})
	credential := w.grant(kiosk, loopbackManifest, Always)
	_, revoked := w.mustAdmit(kiosk, credential)
	r, first := w.ask(kiosk, loopbackManifest)
	_, second := w.ask(kiosk, loopbackManifest)
	if err := w.c.Deny(r.Code(), true); err != nil {
		t.Fatal(err)
	}
	<-revoked
	for _, answers := range []<-chan Answer{first, second} {
		if a := <-answers; !errors.Is(a.Err, ErrDenied) {
			t.Errorf("answer is %+v", a)
		}
	}
	if _, err := w.c.Visit(kiosk, false, ""); !errors.Is(err, ErrBlocked) {
		t.Errorf("a blocked origin comes in: %v", err)
	}
	if _, err := w.c.Ask(Visitor{Origin: kiosk, Standing: Stranger}, "Kiosk", Manifest{}, nil); !errors.Is(err, ErrDenied) {
		t.Errorf("a blocked origin that is in already asks: %v", err)
	}
	if err := w.c.Revoke(kiosk); err != nil {
		t.Errorf("unblock: %v", err)
	}
	w.visit(kiosk)
}

func TestRequestLimits(t *testing.T) {
	w := newTester(t, Config{})
	for range DefaultRequestsOfOrigin {
		w.ask(kiosk, loopbackManifest)
	}
	var limit *sockets.LimitError
	if _, err := w.c.Ask(w.visit(kiosk), "Kiosk", Manifest{}, nil); !errors.As(err, &limit) || limit.Max != DefaultRequestsOfOrigin {
		t.Errorf("one more of the origin: %v", err)
	}
	for i := range DefaultRequests - DefaultRequestsOfOrigin {
		w.ask("https://"+string(rune('a'+i))+".example", loopbackManifest)
	}
	if _, err := w.c.Ask(w.visit("https://more.example"), "More", Manifest{}, nil); !errors.As(err, &limit) || limit.Max != DefaultRequests {
		t.Errorf("one more in all: %v", err)
	}
}

func TestRequestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTester(t, Config{})
		r, answers := w.ask(kiosk, loopbackManifest)
		asked := time.Now()
		if a := <-answers; a.Err != ErrExpired || time.Since(asked) != RequestLife {
			t.Errorf("answer is %+v after %v", a, time.Since(asked))
		}
		if err := w.c.Approve(r.Code(), Always); !errors.Is(err, ErrNoRequest) {
			t.Errorf("approve what has expired: %v", err)
		}
		r, answers = w.ask(kiosk, loopbackManifest)
		r.Withdraw()
		if a := <-answers; a.Err != ErrWithdrawn {
			t.Errorf("answer is %+v", a)
		}
		if s := w.c.State(); len(s.Requests) != 0 {
			t.Errorf("requests are %+v", s.Requests)
		}
	})
}

// TestGrantsEnd in virtual time, at the second.
func TestGrantsEnd(t *testing.T) {
	tests := []struct {
		kind Kind
		used time.Duration // when it is used once more; 0 for never
		ends time.Duration
	}{
		{ForSession, 0, SessionLife},
		{ForSession, time.Hour, SessionLife},
		{For30Days, 0, slidingLife},
		{For30Days, 20 * 24 * time.Hour, 50 * 24 * time.Hour},
		{Always, 0, AbsoluteLife},
		{Always, 100 * 24 * time.Hour, 280 * 24 * time.Hour},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			w := newTester(t, Config{})
			began := time.Now()
			credential := w.grant(kiosk, loopbackManifest, test.kind)
			if test.used > 0 {
				time.Sleep(test.used)
				lease, _, err := w.admit(kiosk, credential)
				if err != nil {
					t.Fatal(err)
				}
				lease.End()
			}
			time.Sleep(test.ends - time.Since(began) - time.Second)
			if s := w.c.State(); len(s.Grants) != 1 {
				t.Errorf("%s has ended a second too early", test.kind)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			w.wantRefused("after the end", kiosk, credential, ReasonExpired)
		})
	}
}

// TestSlidingGrantHasAnEnd: however often it is used.
func TestSlidingGrantHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTester(t, Config{})
		began := time.Now()
		_, revoked := w.mustAdmit(kiosk, w.grant(kiosk, loopbackManifest, For30Days))
		<-revoked // the session has lived all the time
		if lived := time.Since(began); lived != AbsoluteLife {
			t.Errorf("the grant lived %v, want %v", lived, AbsoluteLife)
		}
	})
}

func TestAllowInAdvance(t *testing.T) {
	w := newTester(t, Config{})
	if err := w.c.Allow(kiosk, parse(t, loopbackManifest), Always); err != nil {
		t.Fatal(err)
	}
	w.wantRefused("before it has asked", kiosk, "", ReasonMissing)
	r, answers := w.ask(kiosk, `{"tcp":{"connect":"*"}}`)
	a := <-answers
	if r.Code() != "" || a.Err != nil {
		t.Fatalf("the first request waits with code %q, %v", r.Code(), a.Err)
	}
	lease, _ := w.mustAdmit(kiosk, a.Credential)
	if err := lease.Policy().Connect("example.com", 80); !errors.Is(err, sockets.ErrNotPermitted) {
		t.Errorf("the page has what it asked for, not what was granted: %v", err)
	}
	if r, _ := w.ask(kiosk, loopbackManifest); r.Code() == "" {
		t.Error("a second request was answered by the same grant")
	}
}

func TestProgram(t *testing.T) {
	w := newTester(t, Config{})
	token, err := w.c.AllowProgram("backup", parse(t, loopbackManifest))
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.c.VisitProgram(token, "127.0.0.1:1")
	if err != nil || v.Origin != "program:backup" {
		t.Fatalf("visitor is %+v, %v", v, err)
	}
	lease, err := w.c.Admit(v, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Policy().Listen("127.0.0.1", netip.MustParseAddrPort("127.0.0.1:8000")); err != nil {
		t.Errorf("listen: %v", err)
	}
	lease.End()
	again, err := w.c.AllowProgram("backup", parse(t, loopbackManifest))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.c.VisitProgram(token, ""); !errors.Is(err, ErrToken) {
		t.Errorf("the old token: %v", err)
	}
	credential := w.grant(kiosk, loopbackManifest, Always)
	for _, wrong := range []string{"", credential, again[:10]} {
		if _, err := w.c.VisitProgram(wrong, ""); !errors.Is(err, ErrToken) {
			t.Errorf("the token %q: %v", wrong, err)
		}
	}
	if _, err := w.c.Ask(v, "backup", Manifest{}, nil); !errors.Is(err, ErrUninvited) {
		t.Errorf("a program asks: %v", err)
	}
	if err := w.c.Revoke("program:backup"); err != nil {
		t.Error(err)
	}
	if _, err := w.c.Admit(v, "", 1); err == nil {
		t.Error("a program that came in before its token was revoked is admitted")
	}
	w.wantRefused("a token shown by a page", "https://program.example", again, ReasonExpired)
}

func TestStandings(t *testing.T) {
	policy, err := ParsePolicyFile([]byte(`{"origins":[{"origin":"https://listed.example","sockets":{}}],"blocked":["https://evil.example"],"requests":true}`))
	if err != nil {
		t.Fatal(err)
	}
	w := newTester(t, Config{Dev: true, Policy: policy})
	for _, test := range []struct {
		origin Origin
		own    bool
		want   Standing
	}{
		{"http://127.0.0.1:7717", true, OwnPage}, {"http://localhost:3000", false, Developer}, {"https://listed.example", false, Listed},
		{"https://example.com", false, Stranger}, {"http://192.168.0.1", false, Stranger},
	} {
		if v, err := w.c.Visit(test.origin, test.own, ""); err != nil || v.Standing != test.want {
			t.Errorf("%s: %v, %v; want %v", test.origin, v.Standing, err, test.want)
		}
	}
	if _, err := w.c.Visit("https://evil.example", false, ""); !errors.Is(err, ErrBlocked) {
		t.Errorf("blocked by the file: %v", err)
	}
	closed, err := ParsePolicyFile([]byte(`{"origins":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	w = newTester(t, Config{Policy: closed, NoOwnPage: true})
	if err := w.c.Allow(kiosk, Manifest{}, Always); !errors.Is(err, ErrPolicyDecides) {
		t.Errorf("allow what the policy file decides: %v", err)
	}
	w.c.grants[kiosk] = &grant{origin: kiosk, kind: Always, used: time.Now()} // of a time without the file
	if _, err := w.c.Visit(kiosk, false, ""); !errors.Is(err, ErrUninvited) {
		t.Errorf("granted before there was a policy file: %v", err)
	}
	for _, own := range []bool{false, true} {
		if _, err := w.c.Visit("http://127.0.0.1:7717", own, ""); !errors.Is(err, ErrUninvited) {
			t.Errorf("with requests off: %v", err)
		}
	}
}

func TestDeveloperPolicy(t *testing.T) {
	w := newTester(t, Config{Dev: true})
	lease, _ := w.mustAdmit("http://localhost:3000", "")
	for address, want := range map[string]error{
		"127.0.0.1:0": nil, "127.0.0.1:1024": nil, "127.0.0.1:1023": sockets.ErrNotPermitted, "0.0.0.0:8000": sockets.ErrNotPermitted, "[::1]:8000": nil,
	} {
		local := netip.MustParseAddrPort(address)
		if err := lease.Policy().Listen(local.Addr().String(), local); !errors.Is(err, want) {
			t.Errorf("listen on %s: %v, want %v", address, err, want)
		}
	}
	if err := lease.Policy().Connect("example.com", 80); !errors.Is(err, sockets.ErrNotPermitted) {
		t.Errorf("connect to the internet: %v", err)
	}
}

func TestSessionLimit(t *testing.T) {
	w := newTester(t, Config{Everyone: sockets.Loopback{}})
	v := w.visit("http://localhost")
	lease, err := w.c.Admit(v, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	var limit *sockets.LimitError
	if _, err := w.c.Admit(v, "", 1); !errors.As(err, &limit) {
		t.Errorf("a second session: %v", err)
	}
	lease.End()
	if lease, err = w.c.Admit(v, "", 1); err != nil {
		t.Errorf("after the first has ended: %v", err)
	} else {
		lease.End()
	}
	if len(w.c.places) != 0 {
		t.Errorf("%d places are left", len(w.c.places))
	}
}

func TestWaitState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTester(t, Config{})
		before := w.c.State().Version
		states := make(chan State)
		go func() { states <- w.c.WaitState(t.Context(), before) }()
		synctest.Wait()
		select {
		case s := <-states:
			t.Fatalf("nothing has changed, and the state is told: %+v", s)
		default:
		}
		w.ask(kiosk, loopbackManifest)
		if s := <-states; s.Version == before || len(s.Requests) != 1 || s.Requests[0].Seconds != int(RequestLife.Seconds()) {
			t.Errorf("state is %+v", s)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if s := w.c.WaitState(ctx, w.c.State().Version); len(s.Requests) != 1 {
			t.Errorf("state after the wait is %+v", s)
		}
	})
}

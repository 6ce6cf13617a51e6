package access

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// Config is what a [Control] is made with. The zero value permits the gateway's own page, loopback only,
// and lets others ask; what is granted is forgotten at the end.
type Config struct {
	// Log receives one line for each decision. Default: nothing is logged.
	Log *slog.Logger
	// Folder keeps grants and the audit. Nil: they are kept in memory.
	Folder *Folder
	// Dev lets every page of this machine in, with loopback addresses only.
	Dev bool
	// Policy permits and blocks origins beside what the user grants. May be nil.
	Policy *PolicyFile
	// NoOwnPage: the gateway's own page needs a grant like any other, since others than this
	// machine's user may reach it.
	NoOwnPage bool
	// Limits bound what visitors can use up.
	Limits Limits
	// Everyone lets every page of this machine in with this policy. For tests and benchmarks.
	Everyone sockets.Policy
}

// Control knows who may do what. All its methods may be called from any goroutine.
type Control struct {
	// immutable
	config Config
	audit  *Audit
	lobby  lobby
	// writer is the goroutine that writes to the folder.
	writer sync.WaitGroup
	// dirty wakes the writer; capacity 1.
	dirty chan struct{}
	stop  chan struct{} // closed by Close

	saving sync.Mutex // held while the store is written; taken before mu

	mu sync.Mutex // guards the fields below
	// grants by origin.
	grants map[string]*grant
	// blocked origins are turned away without a word.
	blocked map[string]bool
	// places hold what is known of an origin while it does something.
	places map[string]*place
	// requests that wait for the user, by code.
	requests map[string]*Request
	// expiry ends the grant that ends next; nil if there is none.
	expiry *time.Timer
	closed bool
	// later are calls to be made when mu is released: unlock makes them.
	later []func()
	// version counts changes of what a user sees; changed is closed at the next one.
	version uint64
	changed chan struct{}
}

// NewControl returns a Control that knows what config.Folder has kept.
func NewControl(config Config) (*Control, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	config.Limits = config.Limits.withDefaults()
	c := &Control{
		lobby:    lobby{limits: config.Limits},
		config:   config,
		dirty:    make(chan struct{}, 1),
		stop:     make(chan struct{}),
		grants:   make(map[string]*grant),
		blocked:  make(map[string]bool),
		places:   make(map[string]*place),
		requests: make(map[string]*Request),
		version:  1,
		changed:  make(chan struct{}),
	}
	if config.Folder != nil {
		if err := c.load(); err != nil {
			return nil, err
		}
	}
	c.audit = newAudit(config.Log, config.Folder)
	if config.Folder != nil {
		c.writer.Go(c.writeChanges)
	}
	c.mu.Lock()
	defer c.unlock()
	c.expireLocked()
	return c, nil
}

// Close ends what waits for the user, keeps what is to be kept and waits for it.
func (c *Control) Close(ctx context.Context) error {
	c.closeRequests()
	c.writer.Wait()
	return c.audit.close(ctx)
}

func (c *Control) closeRequests() {
	c.mu.Lock()
	defer c.unlock()
	if c.closed {
		return
	}
	c.closed = true
	close(c.stop)
	if c.expiry != nil {
		c.expiry.Stop()
	}
	for _, r := range c.requests {
		c.endLocked(r, Answer{Err: ErrWithdrawn})
	}
	c.changedLocked()
}

// unlock releases mu and makes the calls that have become due.
func (c *Control) unlock() {
	later := c.later
	c.later = nil
	c.mu.Unlock()
	for _, call := range later {
		call()
	}
}

// writeChanges is the writer: it keeps what changes in the course of use. What the user decides is kept by
// whoever carries it out, before it is answered.
func (c *Control) writeChanges() {
	for {
		select {
		case <-c.dirty:
			c.keep()
		case <-c.stop:
			c.keep()
			return
		}
	}
}

// keep writes the store, and logs if that fails: what was decided holds until the program ends.
func (c *Control) keep() {
	if err := c.save(); err != nil {
		c.config.Log.Error("permissions not kept", "folder", c.config.Folder.Path(), "err", err)
	}
}

// touchLocked has the writer keep a change.
func (c *Control) touchLocked() {
	select {
	case c.dirty <- struct{}{}:
	default: // it is awake already
	}
}

// changedLocked tells those who wait in State that there is something new to see.
func (c *Control) changedLocked() {
	c.version++
	close(c.changed)
	c.changed = make(chan struct{})
}

// expireLocked forgets grants that have ended, and sets the timer for the next. A grant that sessions use is
// used as long as they live.
func (c *Control) expireLocked() {
	now := time.Now()
	var next time.Time
	for origin, g := range c.grants {
		if !g.expires().After(now) && c.liveLocked(origin) {
			g.used = now
		}
		if expires := g.expires(); !expires.After(now) {
			c.forgetLocked(origin, "expired")
		} else if next.IsZero() || expires.Before(next) {
			next = expires
		}
	}
	if c.expiry != nil {
		c.expiry.Stop()
		c.expiry = nil
	}
	if !next.IsZero() && !c.closed {
		// The one timer; Close stops it.
		c.expiry = time.AfterFunc(next.Sub(now), func() {
			c.mu.Lock()
			defer c.unlock()
			c.expireLocked()
		})
	}
}

// forgetLocked takes a grant away and lets the leases know.
func (c *Control) forgetLocked(origin, rule string) {
	delete(c.grants, origin)
	c.auditLocked(Entry{Act: ActRevoke, Visitor: Visitor{Origin: origin, Standing: Granted}, Verdict: Allowed, Rule: rule})
	if p := c.places[origin]; p != nil {
		for lease := range p.leases {
			if lease.base == nil {
				c.revokeLocked(lease)
			}
		}
		c.releaseLocked(origin, p)
	}
	c.touchLocked()
	c.changedLocked()
}

// Record writes down a decision that was made elsewhere.
func (c *Control) Record(e Entry) { c.audit.Record(e) }

func (c *Control) auditLocked(e Entry) { c.audit.Record(e) }

package access

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"
)

// State is what a user sees.
type State struct {
	Version  uint64         `json:"version"`
	Requests []RequestState `json:"requests"`
	Grants   []GrantState   `json:"grants"`
	Blocked  []string       `json:"blocked"`
}

// RequestState is a request that waits for the user.
type RequestState struct {
	Code        string       `json:"code"`
	Origin      string       `json:"origin"`
	Name        string       `json:"name"` // what the page calls itself
	Permissions []Permission `json:"permissions"`
	Seconds     int          `json:"seconds"` // until it expires
}

// GrantState is a grant. Times are Unix seconds.
type GrantState struct {
	Origin      string       `json:"origin"`
	Name        string       `json:"name"`
	Permissions []Permission `json:"permissions"`
	Created     int64        `json:"created"`
	Used        int64        `json:"used"`
	Expires     *int64       `json:"expires"` // nil: until it is revoked
	Kind        Kind         `json:"kind"`
	Sessions    int          `json:"sessions"` // that live now
}

// State returns what there is to see.
func (c *Control) State() State {
	c.mu.Lock()
	defer c.unlock()
	c.expireLocked()
	return c.stateLocked()
}

// WaitState is State after it has changed from a version, or when ctx is done.
func (c *Control) WaitState(ctx context.Context, after uint64) State {
	c.mu.Lock()
	for c.version == after && ctx.Err() == nil && !c.closed {
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		c.mu.Lock()
	}
	defer c.unlock()
	c.expireLocked()
	return c.stateLocked()
}

func (c *Control) stateLocked() State {
	now := time.Now()
	s := State{Version: c.version, Requests: []RequestState{}, Grants: []GrantState{}, Blocked: slices.AppendSeq([]string{}, maps.Keys(c.blocked))}
	slices.Sort(s.Blocked)
	for _, r := range c.requests {
		s.Requests = append(s.Requests, RequestState{
			Code: r.code, Origin: r.visitor.Origin, Name: Printable(r.name), Permissions: r.manifest.Permissions(),
			Seconds: int(math.Ceil(r.expires.Sub(now).Seconds())),
		})
	}
	slices.SortFunc(s.Requests, func(a, b RequestState) int {
		return cmp.Or(cmp.Compare(a.Seconds, b.Seconds), cmp.Compare(a.Code, b.Code))
	})
	for _, g := range c.grants {
		s.Grants = append(s.Grants, c.grantStateLocked(g))
	}
	slices.SortFunc(s.Grants, func(a, b GrantState) int { return cmp.Compare(a.Origin, b.Origin) })
	return s
}

func (c *Control) grantStateLocked(g *grant) GrantState {
	s := GrantState{
		Origin: g.origin, Name: Printable(g.name), Permissions: g.manifest.Permissions(),
		Created: g.created.Unix(), Used: g.used.Unix(), Kind: g.kind,
	}
	if expires := g.shownExpiry(); !expires.IsZero() {
		seconds := expires.Unix()
		s.Expires = &seconds
	}
	if p := c.places[g.origin]; p != nil {
		for lease := range p.leases {
			if lease.base == nil {
				s.Sessions++
			}
		}
	}
	return s
}

package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// storeVersion is the version of the store's form.
const storeVersion = 1

// storedGrants is the file of grants. Times are Unix seconds.
type storedGrants struct {
	Version int           `json:"version"`
	Grants  []storedGrant `json:"grants"`
	Blocked []string      `json:"blocked"`
}

type storedGrant struct {
	Origin      string   `json:"origin"`
	Name        string   `json:"name"`
	Sockets     Manifest `json:"sockets"`
	Risks       uint8    `json:"risks"`
	Kind        Kind     `json:"kind"`
	Created     int64    `json:"created"`
	Used        int64    `json:"used"`
	Claimable   int64    `json:"claimable,omitempty"`
	Credentials []digest `json:"credentials"` // SHA-256
}

// load reads the store.
func (c *Control) load() error {
	text, err := c.config.Folder.read(grantsFile)
	if err != nil || text == nil {
		return err
	}
	var stored storedGrants
	if err := json.Unmarshal(text, &stored); err != nil {
		return fmt.Errorf("read %s in %s: %w; repair or remove it", grantsFile, c.config.Folder.Path(), err)
	}
	if stored.Version != storeVersion {
		return fmt.Errorf("%s in %s has version %d, this program knows version %d; use the program that wrote it, or remove it",
			grantsFile, c.config.Folder.Path(), stored.Version, storeVersion)
	}
	for _, s := range stored.Grants {
		g := &grant{
			origin: s.Origin, name: s.Name, manifest: s.Sockets, kind: s.Kind, risks: sockets.Risks(s.Risks),
			created: time.Unix(s.Created, 0), used: time.Unix(s.Used, 0), credentials: s.Credentials,
		}
		if s.Claimable != 0 {
			g.claimable = time.Unix(s.Claimable, 0)
		}
		c.grants[g.origin] = g
	}
	for _, origin := range stored.Blocked {
		c.blocked[origin] = true
	}
	return nil
}

// save writes the store.
func (c *Control) save() error {
	if c.config.Folder == nil {
		return nil
	}
	c.saving.Lock()
	defer c.saving.Unlock()
	text, err := json.MarshalIndent(c.stored(), "", "  ")
	if err != nil {
		return err
	}
	return c.config.Folder.write(grantsFile, append(text, '\n'))
}

// stored is what is to be kept.
func (c *Control) stored() storedGrants {
	c.mu.Lock()
	defer c.mu.Unlock()
	stored := storedGrants{Version: storeVersion, Grants: []storedGrant{}, Blocked: slices.Sorted(maps.Keys(c.blocked))}
	for _, origin := range slices.Sorted(maps.Keys(c.grants)) {
		g := c.grants[origin]
		if !g.kept() {
			continue
		}
		s := storedGrant{
			Origin: g.origin, Name: g.name, Sockets: g.manifest, Risks: uint8(g.risks), Kind: g.kind,
			Created: g.created.Unix(), Used: g.used.Unix(), Credentials: slices.Clone(g.credentials),
		}
		if !g.claimable.IsZero() {
			s.Claimable = g.claimable.Unix()
		}
		stored.Grants = append(stored.Grants, s)
	}
	return stored
}

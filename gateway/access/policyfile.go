package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/socketgate/socketgate/sockets"
)

// PolicyFile permits origins beforehand, for a kiosk, a container or a test machine:
//
//	{
//	  "origins": [{"origin": "https://kiosk.example", "sockets": {"tcpServer": {"listen": "127.0.0.1:*"}}}],
//	  "blocked": ["https://evil.example"],
//	  "requests": false
//	}
//
// All keys but origins may be left out. Other origins are turned away, whatever was granted to them before,
// unless requests is true: then they come in and ask as ever. A nil PolicyFile says nothing.
type PolicyFile struct {
	// immutable
	origins  map[Origin]sockets.Grant
	blocked  map[Origin]bool
	requests bool
}

// ReadPolicyFile reads the file at path. It is strict: what it does not know is an error.
func ReadPolicyFile(path string) (*PolicyFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if isWritableByOthers(info) {
		return nil, fmt.Errorf("%s may be changed by other users; take the right away with chmod go-w", path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	policy, err := ParsePolicyFile(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return policy, nil
}

// ParsePolicyFile reads the text of a policy file.
func ParsePolicyFile(text []byte) (*PolicyFile, error) {
	if err := checkStrict(text); err != nil {
		return nil, err
	}
	if kind := kindOf(text); kind != "dictionary" {
		return nil, fmt.Errorf("expected dictionary, got %s", kind)
	}
	p := &PolicyFile{origins: map[Origin]sockets.Grant{}, blocked: map[Origin]bool{}}
	origins := false
	err := readKeys(text, true, map[string]func([]byte) error{
		"origins": func(text []byte) error {
			origins = true
			return p.readOrigins(text)
		},
		"blocked": func(text []byte) error {
			var list []string
			if err := json.Unmarshal(text, &list); err != nil {
				return fmt.Errorf("blocked: %w", err)
			}
			for _, text := range list {
				origin, err := ParseOrigin(text)
				if err != nil {
					return fmt.Errorf("blocked: %s: %w", quote(text), err)
				}
				p.blocked[origin] = true
			}
			return nil
		},
		"requests": func(text []byte) error { return json.Unmarshal(text, &p.requests) },
	})
	if err == nil && !origins {
		err = errors.New("origins is missing")
	}
	return p, err
}

func (p *PolicyFile) readOrigins(text []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("origins: %w", err)
	}
	for i, element := range list {
		if err := p.readOrigin(element); err != nil {
			return fmt.Errorf("origins, entry %d: %w", i+1, err)
		}
	}
	return nil
}

func (p *PolicyFile) readOrigin(text []byte) error {
	if kind := kindOf(text); kind != "dictionary" {
		return fmt.Errorf("expected dictionary, got %s", kind)
	}
	var origin Origin
	var manifest *Manifest
	err := readKeys(text, true, map[string]func([]byte) error{
		"origin": func(text []byte) (err error) {
			var written string
			if err := json.Unmarshal(text, &written); err != nil {
				return err
			}
			if origin, err = ParseOrigin(written); err != nil {
				return fmt.Errorf("%s: %w", quote(written), err)
			}
			return nil
		},
		"sockets": func(text []byte) error {
			m, err := parseManifest(text, true)
			manifest = &m
			return err
		},
	})
	switch _, twice := p.origins[origin]; {
	case err != nil:
		return err
	case origin == "" || manifest == nil:
		return errors.New("origin and sockets are both needed")
	case twice:
		return fmt.Errorf("%s stands there twice", origin)
	}
	grant := manifest.policy(manifest.Risks())
	grant.ServicePorts = true
	p.origins[origin] = grant
	return nil
}

// origin returns what the file permits an origin.
func (p *PolicyFile) origin(origin Origin) (sockets.Policy, bool) {
	if p == nil {
		return nil, false
	}
	grant, ok := p.origins[origin]
	return grant, ok
}

func (p *PolicyFile) blocks(origin Origin) bool { return p != nil && p.blocked[origin] }

// asks says whether origins may ask the user.
func (p *PolicyFile) asks() bool { return p == nil || p.requests }

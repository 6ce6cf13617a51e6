package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/socketgate/socketgate/gateway/access"
)

// timeout is how long the gateway may take to answer.
const timeout = 10 * time.Second

// maxAnswer is the longest answer that is read, in bytes.
const maxAnswer = 4 << 20

// client talks to the console of the gateway that runs. It is immutable.
type client struct {
	console string // its URL
	key     string
	http    http.Client
	stdout  io.Writer
}

// newClient finds the gateway that keeps its permissions in a folder; empty for the default one.
func newClient(path string, stdout io.Writer) (*client, error) {
	var err error
	if path == "" {
		if path, err = access.DefaultFolder(); err != nil {
			return nil, err
		}
	}
	folder, err := access.OpenFolder(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notRunning(path)
	}
	if err != nil {
		return nil, err
	}
	console, key, err := folder.Console()
	if errors.Is(err, access.ErrNotRunning) {
		return nil, notRunning(path)
	}
	// No proxy stands between the two.
	transport := &http.Transport{DisableKeepAlives: true}
	return &client{console: console, key: key, stdout: stdout, http: http.Client{Transport: transport, Timeout: timeout}}, err
}

func notRunning(path string) error {
	return fmt.Errorf("%w: %s. Start it with: socketgate", access.ErrNotRunning, path)
}

// state asks for what there is to see.
func (c *client) state(ctx context.Context) (state access.State, err error) {
	err = c.do(ctx, http.MethodGet, "state", nil, &state)
	return state, err
}

// decide has the gateway do something, and says that it is done.
func (c *client) decide(ctx context.Context, act string, what map[string]any, done string) error {
	if err := c.do(ctx, http.MethodPost, act, what, nil); err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, done)
	return nil
}

func (c *client) allowProgram(ctx context.Context, name string, m access.Manifest) (token string, err error) {
	var answer struct {
		Token string `json:"token"`
	}
	err = c.do(ctx, http.MethodPost, "allow", map[string]any{"program": name, "sockets": m}, &answer)
	return answer.Token, err
}

// do sends a request to the console and reads its answer.
func (c *client) do(ctx context.Context, method, act string, body, answer any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.console+"/v1/"+act, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Origin", c.console)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("the gateway does not answer at %s; if it has ended, start it with: socketgate: %w", c.console, err)
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(access.Printable(strings.TrimSpace(string(reply))))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(reply, answer)
}

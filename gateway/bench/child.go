package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// childCommand is the first argument that makes this program a child.
const childCommand = "child"

// A child is another process of this program that runs a gateway or a bridge. It says its address in a
// first line of JSON and answers each request, a line, with one more. It ends when its input does, so it
// never outlives the parent.
type child struct {
	kind string
	addr string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// usage is what a child says about itself.
type usage struct {
	CPU        float64 // seconds of user and system time so far; 0 where the system does not tell
	Heap       uint64  // bytes of heap spans in use
	Stack      uint64  // bytes of stacks in use
	RSS        uint64  // resident bytes; 0 where the system does not tell
	Goroutines int
}

// The requests that a child understands.
const (
	requestUsage  = "usage"
	requestMemory = "memory" // usage after a collection
)

func startChild(ctx context.Context, args ...string) (*child, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe, append([]string{childCommand}, args...)...)
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{kind: args[0], cmd: cmd, in: in, out: bufio.NewReader(out)}
	if err := c.receive(&c.addr); err != nil {
		_ = c.close()
		return nil, err
	}
	return c, nil
}

// ask sends a request and reads its answer.
func (c *child) ask(request string) (u usage, err error) {
	if _, err := fmt.Fprintln(c.in, request); err != nil {
		return u, fmt.Errorf("%s child: %w", c.kind, err)
	}
	return u, c.receive(&u)
}

func (c *child) receive(v any) error {
	line, err := c.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, v)
	}
	if err != nil {
		return fmt.Errorf("%s child: %w", c.kind, err)
	}
	return nil
}

// close ends the child and waits for it.
func (c *child) close() error {
	_ = c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%s child: %w", c.kind, err)
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// pageMode says whether the page's figures are measured: those of js-client/bench, in a browser.
type pageMode string

const (
	pageAuto pageMode = "auto" // if what they need is there
	pageOn   pageMode = "on"   // it is an error if not
	pageOff  pageMode = "off"
)

var _ flag.Value = new(pageMode)

func (m *pageMode) String() string { return string(*m) }

// Set implements flag.Value.
func (m *pageMode) Set(s string) error {
	switch pageMode(s) {
	case pageAuto, pageOn, pageOff:
		*m = pageMode(s)
		return nil
	}
	return errors.New("must be auto, on or off")
}

// browsers are the programs that js-client/test/browser looks for, if CHROMIUM names none.
var browsers = []string{"chromium", "chromium-browser", "google-chrome"}

// findPage gives the command that measures the page's figures, or what is missing for it.
func findPage() (node, script string, err error) {
	root, err := moduleRoot()
	if err != nil {
		return "", "", err
	}
	if node, err = exec.LookPath("node"); err != nil {
		return "", "", errors.New("there is no node")
	}
	client := filepath.Join(root, "js-client")
	if _, err := os.Stat(filepath.Join(client, "node_modules", "playwright-core")); err != nil {
		return "", "", errors.New("run `npm ci` in js-client first")
	}
	script = filepath.Join(client, "bench", "run.js")
	if os.Getenv("CHROMIUM") != "" {
		return node, script, nil
	}
	for _, name := range browsers {
		if _, err := exec.LookPath(name); err == nil {
			return node, script, nil
		}
	}
	return "", "", fmt.Errorf("there is no %s", strings.Join(browsers, ", "))
}

// moduleRoot is the first directory from here upwards with a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("this is not the repository")
		}
		dir = parent
	}
}

// measurePage measures the page's figures, if the mode wants them and, with pageAuto, if that can be done.
func measurePage(ctx context.Context, set settings, out io.Writer) error {
	if set.page == pageOff {
		return nil
	}
	fmt.Fprintln(out)
	node, script, err := findPage()
	if err != nil {
		err = fmt.Errorf("page figures: %w", err)
		if set.page == pageAuto {
			fmt.Fprintln(out, "not measured:", err)
			return nil
		}
		return err
	}
	cmd := exec.CommandContext(ctx, node, script, "--only", set.only.String(),
		"--rounds", strconv.Itoa(set.rounds), "--seconds", fmt.Sprint(set.trial.Seconds()))
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("page figures: %w", err)
	}
	return nil
}

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// The benchmark starts this program again as its children: here that is the test binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childCommand {
		if err := childMain(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// Every figure but the largest is measured once, for the shortest time; what it measures is not looked at.
func TestFiguresRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-rounds", "1", "-seconds", "0.01", "-page", "off", "-only", "[^5]000$|[^0]$"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, f := range figures() {
		if !strings.Contains(out.String(), f.name) && !strings.HasSuffix(f.name, "5000") {
			t.Errorf("no row for %q in\n%s", f.name, out.String())
		}
	}
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{{"-rounds", "0"}, {"-seconds", "-1"}, {"-only", "("}, {"-page", "x"}} {
		if _, err := parse(args, &strings.Builder{}); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}

func TestChildRefusesUnknownKind(t *testing.T) {
	if _, err := startChild(t.Context(), "nothing"); err == nil {
		t.Error("a child of unknown kind was started")
	}
}

func TestPageIsSkippedWithAReason(t *testing.T) {
	t.Setenv("PATH", "")
	set, err := parse(nil, &strings.Builder{})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := measurePage(t.Context(), set, &out); err != nil {
		t.Errorf("without node, by default: %v", err)
	}
	if want := "not measured: page figures: there is no node"; !strings.Contains(out.String(), want) {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
	set.page = pageOn
	if err := measurePage(t.Context(), set, &out); err == nil {
		t.Error("without node, with -page=on: no error")
	}
}

package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/socketgate/socketgate/gateway/access"
)

// patterns is a flag that may be given several times.
type patterns []string

func (p *patterns) String() string { return strings.Join(*p, " ") }

func (p *patterns) Set(text string) error {
	*p = append(*p, text)
	return nil
}

func allow(flags *flag.FlagSet) func(context.Context, *client, string) error {
	var listen, connect patterns
	flags.Var(&listen, "listen", "permit listening on `host:port`, such as '127.0.0.1:*'; may be repeated")
	flags.Var(&connect, "connect", "permit connecting to `host:port`; may be repeated")
	duration := flags.String("for", string(access.For30Days), durations)
	program := flags.String("program", "", "permit a program of this `name` instead of a page; its token is printed once")
	return func(ctx context.Context, c *client, origin string) error {
		if (origin == "") == (*program == "") {
			return errors.New("say either which origin, such as https://example.com, or --program NAME")
		}
		if len(listen)+len(connect) == 0 {
			return errors.New("say what it may do, with --listen or --connect")
		}
		manifest, err := manifestOf(listen, connect)
		if err != nil {
			return err
		}
		if *program != "" {
			token, err := c.allowProgram(ctx, *program, manifest)
			if err != nil {
				return err
			}
			printPermissions(c.stdout, manifest.Permissions())
			fmt.Fprintf(c.stdout, "The token of %s, shown this once (Authorization: Bearer TOKEN):\n%s\n", *program, token)
			return nil
		}
		what := map[string]any{"origin": origin, "sockets": manifest, "duration": *duration}
		if err := c.decide(ctx, "allow", what, "allowed "+origin+", from its next request on"); err != nil {
			return err
		}
		printPermissions(c.stdout, manifest.Permissions())
		return nil
	}
}

func manifestOf(listen, connect []string) (m access.Manifest, err error) {
	if m.Listen, err = access.ParsePatterns(listen); err != nil {
		return m, fmt.Errorf("--listen: %w", err)
	}
	if m.Connect, err = access.ParsePatterns(connect); err != nil {
		return m, fmt.Errorf("--connect: %w", err)
	}
	return m, nil
}

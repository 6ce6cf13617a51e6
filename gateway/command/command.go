// Package command has the commands with which a user decides, in a terminal, who may use the gateway that
// runs. They talk to its console.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"

	"github.com/socketgate/socketgate/gateway/access"
)

// command is one line of the table.
type command struct {
	name  string
	args  string // what follows the flags, for help
	help  string
	count int // how many arguments
	// flags declares the command's own flags and returns what it does with its argument.
	flags func(*flag.FlagSet) func(ctx context.Context, c *client, arg string) error
}

var commands = []command{
	{"requests", "", "show who waits for permission", 0, requests},
	{"approve", "CODE", "give permission to a request", 1, approve},
	{"deny", "CODE", "refuse a request", 1, deny},
	{"allow", "ORIGIN", "give permission before it is asked for", 1, allow},
	{"list", "", "show what is permitted", 0, list},
	{"revoke", "ORIGIN", "take a permission away and end its sessions", 1, revoke},
}

// Is says whether a word is one of the commands.
func Is(word string) bool {
	return slices.ContainsFunc(commands, func(c command) bool { return c.name == word })
}

// Help writes one line for each command.
func Help(w io.Writer) {
	for _, c := range commands {
		fmt.Fprintf(w, "  %-9s %-7s %s\n", c.name, c.args, c.help)
	}
}

// Run carries out a command: args begin with its name. What it has to say goes to stdout.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	c := commands[i]
	flags := flag.NewFlagSet("socketgate "+c.name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "Usage: socketgate %s [flags] %s\n%s.\n", c.name, c.args, c.help)
		flags.PrintDefaults()
	}
	config := flags.String("config", "", "`folder` of the gateway's permissions (default: in the user's configuration folder)")
	act := c.flags(flags)
	words, err := parse(flags, args[1:])
	if err != nil {
		return err
	}
	if len(words) > c.count {
		return fmt.Errorf("unexpected argument %q; see socketgate %s --help", words[c.count], c.name)
	}
	client, err := newClient(*config, stdout)
	if err != nil {
		return err
	}
	arg := ""
	if len(words) > 0 {
		arg = words[0]
	}
	return act(ctx, client, arg)
}

// parse reads flags before and after the other arguments, which it returns.
func parse(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return words, nil
		}
		words = append(words, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func requests(*flag.FlagSet) func(context.Context, *client, string) error {
	return func(ctx context.Context, c *client, _ string) error {
		state, err := c.state(ctx)
		if err == nil {
			printRequests(c.stdout, state.Requests)
		}
		return err
	}
}

func list(*flag.FlagSet) func(context.Context, *client, string) error {
	return func(ctx context.Context, c *client, _ string) error {
		state, err := c.state(ctx)
		if err == nil {
			printGrants(c.stdout, state)
		}
		return err
	}
}

const durations = "how long: session, 30d or always"

// errNoCode means that a command needs to be told which request.
var errNoCode = errors.New("say which request, by its code; socketgate requests shows them")

func approve(flags *flag.FlagSet) func(context.Context, *client, string) error {
	duration := flags.String("for", string(access.For30Days), durations)
	return func(ctx context.Context, c *client, code string) error {
		if code == "" {
			return errNoCode
		}
		return c.decide(ctx, "approve", map[string]any{"code": code, "duration": *duration}, "approved "+code)
	}
}

func deny(flags *flag.FlagSet) func(context.Context, *client, string) error {
	block := flags.Bool("block", false, "turn the origin away from now on, and revoke what it has")
	return func(ctx context.Context, c *client, code string) error {
		if code == "" {
			return errNoCode
		}
		return c.decide(ctx, "deny", map[string]any{"code": code, "block": *block}, "denied "+code)
	}
}

func revoke(*flag.FlagSet) func(context.Context, *client, string) error {
	return func(ctx context.Context, c *client, origin string) error {
		if origin == "" {
			return errors.New("say which origin; socketgate list shows them")
		}
		return c.decide(ctx, "revoke", map[string]any{"origin": origin}, "revoked "+origin)
	}
}

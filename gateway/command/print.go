package command

import (
	"fmt"
	"io"
	"time"

	"github.com/socketgate/socketgate/gateway/access"
)

func printRequests(w io.Writer, requests []access.RequestState) {
	if len(requests) == 0 {
		fmt.Fprintln(w, "Nobody waits for permission.")
	}
	for _, r := range requests {
		fmt.Fprintf(w, "%s  %s  calls itself %q, waits %d s more\n", r.Code, r.Origin, r.Name, r.Seconds)
		printPermissions(w, r.Permissions)
	}
}

func printGrants(w io.Writer, state access.State) {
	if len(state.Grants)+len(state.Blocked) == 0 {
		fmt.Fprintln(w, "Nothing is permitted.")
	}
	for _, g := range state.Grants {
		fmt.Fprintf(w, "%s  %s", g.Origin, lasts(g))
		if g.Name != "" {
			fmt.Fprintf(w, ", calls itself %q", g.Name)
		}
		if g.Sessions > 0 {
			fmt.Fprintf(w, ", %d open", g.Sessions)
		}
		fmt.Fprintln(w)
		printPermissions(w, g.Permissions)
	}
	for _, origin := range state.Blocked {
		fmt.Fprintf(w, "%s  blocked\n", origin)
	}
}

// lasts says until when a grant is good.
func lasts(g access.GrantState) string {
	switch {
	case g.Kind == access.ForSession:
		return "until the gateway stops"
	case g.Expires == nil:
		return "until it is revoked"
	}
	return "until " + time.Unix(*g.Expires, 0).Format(time.DateOnly)
}

func printPermissions(w io.Writer, permissions []access.Permission) {
	for _, p := range permissions {
		fmt.Fprintf(w, "    %s  [%s]\n", p.Text, p.Risk)
	}
}

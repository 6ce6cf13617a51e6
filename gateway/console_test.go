package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/socketgate/socketgate/gateway/access"
)

// ask sends a request to the console as its page does, and reads its answer.
func (f *fortress) ask(method, path, body string) (*http.Response, []byte) {
	f.Helper()
	request, err := http.NewRequestWithContext(f.ctx, method, "http://"+f.console+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+f.key)
	if method == http.MethodPost {
		request.Header.Set("Origin", "http://"+f.console)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		f.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.Fatal(err)
	}
	return response, text
}

// state reads the state out of an answer.
func (f *fortress) state(response *http.Response, text []byte) (state access.State) {
	f.Helper()
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
		f.Fatalf("answered %s: %s", response.Status, text)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		f.Fatal(err)
	}
	return state
}

// TestConsoleDecides walks through what a user does there.
func TestConsoleDecides(t *testing.T) {
	f := newFortress(t)
	if s := f.state(f.ask("GET", "/v1/state", "")); len(s.Requests)+len(s.Grants) != 0 {
		t.Errorf("at first the state is %+v", s)
	}
	page := f.from(shop)
	page.request(`{"tcpServer":{"listen":"127.0.0.1:8000"}}`)
	code := page.pendingCode()
	s := f.state(f.ask("GET", "/v1/state?after=0", ""))
	want := []access.RequestState{{
		Code: code, Origin: shop, Name: "Shop", Seconds: s.Requests[0].Seconds,
		Permissions: []access.Permission{{Text: "Accept connections on this computer, port 8000", Risk: "loopback"}},
	}}
	if diff := cmp.Diff(want, s.Requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	s = f.state(f.ask("POST", "/v1/approve", `{"code":"`+code+`","duration":"always"}`))
	if len(s.Requests) != 0 || len(s.Grants) != 1 || s.Grants[0].Kind != access.Always || s.Grants[0].Expires != nil {
		t.Errorf("after the approval the state is %+v", s)
	}
	if text := page.next(); !strings.Contains(text, `"credential":"sg1_`) {
		t.Errorf("the page is answered %s", text)
	}
	page.request(`{}`)
	s = f.state(f.ask("POST", "/v1/deny", `{"code":"`+page.pendingCode()+`"}`))
	if len(s.Requests) != 0 {
		t.Errorf("after the denial the state is %+v", s)
	}
	page.wantText("denied", `{"jsonrpc":"2.0","id":"ask","error":{"code":-32011,"message":"Permission denied"}}`)
	if s = f.state(f.ask("POST", "/v1/revoke", `{"origin":"`+shop+`"}`)); len(s.Grants) != 0 {
		t.Errorf("after the revocation the state is %+v", s)
	}
	response, text := f.ask("POST", "/v1/revoke", `{"origin":"`+shop+`"}`)
	if response.StatusCode != http.StatusNotFound || !bytes.Contains(text, []byte("nothing is granted")) {
		t.Errorf("a second revocation is answered %s %s", response.Status, text)
	}
	s = f.state(f.ask("POST", "/v1/allow", `{"origin":"https://a.example","sockets":{"tcp":{"connect":"*:80"}},"duration":"30d"}`))
	if len(s.Grants) != 1 || s.Grants[0].Origin != "https://a.example" || len(s.Grants[0].Permissions) != 3 {
		t.Errorf("after allowing in advance the state is %+v", s)
	}
}

// TestConsoleTellsNews: a request for news waits until there are some.
func TestConsoleTellsNews(t *testing.T) {
	f := newFortress(t)
	before := f.control.State().Version
	changed := make(chan error, 1)
	go func() { changed <- f.control.Allow(shop, access.Manifest{}, access.Always) }()
	s := f.state(f.ask("GET", fmt.Sprintf("/v1/state?after=%d", before), ""))
	if s.Version == before || len(s.Grants) != 1 {
		t.Errorf("the news are %+v", s)
	}
	if err := <-changed; err != nil {
		t.Error(err)
	}
}

// TestConsoleHeaders: the page can be neither framed nor steered nor made to run what is not its own.
func TestConsoleHeaders(t *testing.T) {
	f := newFortress(t)
	for _, path := range []string{"/", "/console.js", "/v1/state"} {
		response, _ := f.ask("GET", path, "")
		got := map[string]string{}
		for _, name := range []string{
			"Content-Security-Policy", "X-Frame-Options", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "X-Content-Type-Options",
			"Referrer-Policy", "Cache-Control", "Access-Control-Allow-Origin", "Set-Cookie", "Server",
		} {
			got[name] = response.Header.Get(name)
		}
		want := map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
				"frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
			"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Access-Control-Allow-Origin": "", "Set-Cookie": "", "Server": "",
		}
		if diff := cmp.Diff(want, got); response.StatusCode != http.StatusOK || diff != "" {
			t.Errorf("%s: %s, headers (-want +got):\n%s", path, response.Status, diff)
		}
	}
}

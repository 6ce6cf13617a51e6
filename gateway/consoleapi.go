package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/socketgate/socketgate/gateway/access"
)

// statePath is where the console's page and the commands see what there is to decide.
const statePath = "/v1/state"

// pollTime is how long a request for news waits for some.
const pollTime = 25 * time.Second

// maxConsoleBody is the longest request of the console's API, in bytes.
const maxConsoleBody = 64 << 10

// bodyTimeout is how long a client may take to send it.
const bodyTimeout = 10 * time.Second

// jsonOnly refuses what an HTML form can send.
func jsonOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" {
			http.Error(w, "The Content-Type must be application/json.", http.StatusUnsupportedMediaType)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// getState answers with the state, when it has changed since the version that the query names.
func (c *Console) getState(w http.ResponseWriter, r *http.Request) {
	after := uint64(0)
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			http.Error(w, "after must be a number.", http.StatusBadRequest)
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), pollTime)
	defer cancel()
	defer context.AfterFunc(c.polls, cancel)()
	writeJSON(w, c.config.Access.WaitState(ctx, after))
}

func (c *Console) approve(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Code     string      `json:"code"`
		Duration access.Kind `json:"duration"`
	}
	c.decide(w, r, &body, func() error { return c.config.Access.Approve(body.Code, body.Duration) })
}

func (c *Console) deny(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Code  string `json:"code"`
		Block bool   `json:"block"`
	}
	c.decide(w, r, &body, func() error { return c.config.Access.Deny(body.Code, body.Block) })
}

func (c *Console) revoke(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Origin string `json:"origin"`
	}
	c.decide(w, r, &body, func() error { return c.config.Access.Revoke(body.Origin) })
}

// errAllow means that a grant in advance names nobody, or two.
var errAllow = errors.New("either origin or program must be given")

// allow grants something in advance. A program's token is answered; it is shown this once.
func (c *Console) allow(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Origin   string          `json:"origin"`
		Program  string          `json:"program"`
		Sockets  json.RawMessage `json:"sockets"`
		Duration access.Kind     `json:"duration"`
	}
	if !readBody(w, r, &body) {
		return
	}
	manifest, err := access.ParseManifest(body.Sockets)
	switch {
	case err != nil:
	case (body.Origin == "") == (body.Program == ""):
		err = errAllow
	case body.Program != "":
		var token string
		if token, err = c.config.Access.AllowProgram(body.Program, manifest); err == nil {
			writeJSON(w, map[string]string{"token": token})
			return
		}
	default:
		var origin access.Origin
		if origin, err = access.ParseOrigin(body.Origin); err == nil {
			err = c.config.Access.Allow(origin, manifest, body.Duration)
		}
	}
	c.conclude(w, err)
}

// decide reads what the user wants, does it and answers with the new state.
func (c *Console) decide(w http.ResponseWriter, r *http.Request, body any, act func() error) {
	if readBody(w, r, body) {
		c.conclude(w, act())
	}
}

func (c *Console) conclude(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		writeJSON(w, c.config.Access.State())
	case errors.Is(err, access.ErrNoRequest), errors.Is(err, access.ErrNoGrant):
		http.Error(w, err.Error(), http.StatusNotFound)
	default:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// readBody reads a request, and answers one that is wrong.
func readBody(w http.ResponseWriter, r *http.Request, body any) (ok bool) {
	// It fails only for a connection that is gone, which the reading shows.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxConsoleBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(body)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return true
		}
		err = errors.New("something follows the value")
	}
	status := http.StatusBadRequest
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, "The request cannot be read: "+access.Printable(err.Error()), status)
	return false
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // the client may have gone
}

package gateway

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// Paths that the outside knows.
const (
	webSocketPath = "/v1/ws"
	scriptPath    = "/socketgate.js"
	modulesPath   = "/client/"
)

// gatewayPaths are the paths that pages of other origins may ask for, too.
var gatewayPaths = []knownPath{
	{http.MethodGet, webSocketPath, visitors},
	{http.MethodGet, helloPath, everybody},
	{http.MethodGet, scriptPath, everybody},
	{http.MethodGet, modulesPath, everybody},
}

// handler is everything that the gateway answers at a port with its own page.
func (s *Server) handler(page fs.FS) http.Handler {
	return s.routes(http.FileServerFS(page), ownPage)
}

// routes is everything that the gateway answers at a port, behind the gate. page is what stands below /, and
// protect what comes before it.
func (s *Server) routes(page http.Handler, protect func(http.Handler) http.Handler) http.Handler {
	r := chi.NewRouter()
	r.Get(webSocketPath, s.serveWebSocket)
	r.Get(helloPath, serveHello)
	r.Group(func(r chi.Router) {
		r.Use(crossOrigin)
		client := http.FileServerFS(s.config.Client)
		r.Method(http.MethodGet, scriptPath, client)
		if modules, err := fs.Sub(s.config.Client, "src"); err == nil {
			r.Method(http.MethodGet, modulesPath+"*", http.StripPrefix(modulesPath, http.FileServerFS(modules)))
		}
	})
	r.With(protect).Method(http.MethodGet, "/*", page)
	return &gate{next: r, control: s.config.Access, paths: gatewayPaths, ownPorts: s.ownPorts}
}

// crossOrigin lets pages of other origins use the client, which is public.
func crossOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Add("Vary", "Origin")
		if origin := r.Header.Get("Origin"); origin != "" {
			header.Set("Access-Control-Allow-Origin", origin)
		}
		commonHeaders(header)
		next.ServeHTTP(w, r)
	})
}

// ownPage keeps the gateway's own page from being framed, opened as a pop-up that can be steered, or made
// to load anything from elsewhere.
func ownPage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		connect := "'self'"
		if !strings.HasPrefix(r.Host, "[") {
			// For browsers whose 'self' leaves WebSockets out. An IPv6 address is no legal source.
			connect += " ws://" + r.Host
		}
		header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+
			"img-src 'self' data:; connect-src "+connect+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("X-Frame-Options", "DENY")
		commonHeaders(header)
		next.ServeHTTP(w, r)
	})
}

func commonHeaders(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
}

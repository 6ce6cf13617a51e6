package gateway

import (
	"io/fs"
	"net/http"
	"strings"
)

// siteHandler is what the gateway answers at a port of the user's own files. They say themselves what
// may be loaded and framed.
func (s *Server) siteHandler(files fs.FS) http.Handler {
	return s.routes(http.FileServerFS(siteFS{files}), func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			commonHeaders(w.Header())
			next.ServeHTTP(w, r)
		})
	})
}

// siteFS is a folder of the user's without what is not for the web: names that begin with a dot (.git,
// .env), and the list of what is there.
type siteFS struct{ files fs.FS }

// Open implements [fs.FS].
func (s siteFS) Open(name string) (fs.File, error) {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && name != "." {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
	}
	file, err := s.files.Open(name)
	if err != nil {
		// What may not be read is not told from what is not there.
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close() // the error that matters is the other one
		return nil, err
	}
	if !info.IsDir() {
		return file, nil
	}
	index, err := s.files.Open(strings.TrimPrefix(name+"/index.html", "./"))
	if err != nil {
		_ = file.Close() // a folder that is not shown is as good as none
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return file, index.Close()
}

package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestDocumentMatchesMetaSchema(t *testing.T) {
	meta := compileMetaSchema(t)
	if err := meta.Validate(parseJSON(t, document())); err != nil {
		t.Errorf("rpc.discover: %v", err)
	}
	if size := len(document()); size > 32<<10 {
		t.Errorf("rpc.discover has %d bytes, want at most 32 KiB", size)
	}

	// The check can fail.
	wrong := bytes.Replace(document(), []byte(`"paramStructure":"either"`), []byte(`"paramStructure":"any"`), 1)
	if meta.Validate(parseJSON(t, wrong)) == nil {
		t.Error("a wrong document was found valid")
	}
}

// compileMetaSchema reads the schemas of testdata. Both name a dialect that is its own description; draft 7,
// of which it is a copy, stands in for it.
func compileMetaSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	for url, path := range map[string]string{
		"https://meta.open-rpc.org/":      "testdata/meta-schema/openrpc.json",
		"https://meta.json-schema.tools/": "testdata/meta-schema/json-schema.json",
		"https://meta.json-schema.tools":  "testdata/meta-schema/json-schema.json", // as it is referred to
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		schema := parseJSON(t, text).(map[string]any)
		delete(schema, "$schema")
		if err := compiler.AddResource(url, schema); err != nil {
			t.Fatal(err)
		}
	}
	meta, err := compiler.Compile("https://meta.open-rpc.org/")
	if err != nil {
		t.Fatal(err)
	}
	return meta
}

func parseJSON(t *testing.T, text []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestDocumentDescribesResults checks results against the schemas that the document promises for them.
func TestDocumentDescribesResults(t *testing.T) {
	results := map[string][]any{
		"tcpServer.getInfo":    {serverInfo{}, serverInfo{LocalAddress: "::1", LocalPort: 65535, Name: "x", SocketID: 7}},
		"tcpServer.getSockets": {[]serverInfo{}, []serverInfo{{}}},
		"tcpServer.create":     {createResult{SocketID: 1}},
		"tcpServer.listen":     {success(0)},
		"tcp.getInfo":          {streamInfo{}, streamInfo{AllowHalfOpen: true, BufferSize: 4096, PeerPort: 1}},
		"tcp.close":            {void{}},
		"session.open":         {OpenResult{Session: "s"}},
		"permission.request":   {AskResult{Credential: "c"}, AskResult{Credential: "c", Expires: 1}},
		"rpc.discover":         {document()},
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	if err := compiler.AddResource("urn:document", parseJSON(t, document())); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for i, m := range methods.list {
		schema, err := compiler.Compile(fmt.Sprintf("urn:document#/methods/%d/result/schema", i))
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range results[m.name] {
			checked++
			text, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(parseJSON(t, text)); err != nil {
				t.Errorf("%s: %s: %v", m.name, text, err)
			}
			if reflect.TypeOf(result) != m.result {
				t.Errorf("%s: got result type %v, want %T", m.name, m.result, result)
			}
		}
		if m.name == "tcpServer.listen" && schema.Validate(json.Number("1")) == nil {
			t.Errorf("%s: result 1 was found valid", m.name)
		}
	}
	if checked != 13 {
		t.Errorf("got %d results checked, want all 13", checked)
	}
}

// TestMethodTable compares the table with the protocol document, section 5.
func TestMethodTable(t *testing.T) {
	want := []string{
		"tcpServer.create properties?",
		"tcpServer.update socketId properties",
		"tcpServer.setPaused socketId paused",
		"tcpServer.listen socketId address port backlog?",
		"tcpServer.disconnect socketId",
		"tcpServer.close socketId",
		"tcpServer.getInfo socketId",
		"tcpServer.getSockets",
		"tcp.create properties?",
		"tcp.update socketId properties",
		"tcp.setPaused socketId paused",
		"tcp.setKeepAlive socketId enable delay?",
		"tcp.setNoDelay socketId noDelay",
		"tcp.connect socketId peerAddress peerPort dnsQueryType?",
		"tcp.secure socketId options?",
		"tcp.disconnect socketId finalOffset?",
		"tcp.close socketId finalOffset?",
		"tcp.getInfo socketId",
		"tcp.getSockets",
		"session.open maxFrame? session? secret? received? page? attempt? fresh? after? credential?",
		"permission.request name sockets",
		"session.ping",
		"session.close",
		"rpc.discover",
	}
	var got []string
	for _, m := range methods.list {
		line := m.name
		for _, p := range m.params {
			line += " " + p.name
			if !p.required {
				line += "?"
			}
			if p.doc == "" {
				t.Errorf("%s: %s has no description", m.name, p.name)
			}
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
}

/**
 * The HTML page that the server of the first page serves to other tabs.
 */

const STYLE = `
:root { color-scheme: light dark; --background: #f5f7f8; --surface: #fff; --line: #dbe1e6;
  --text: #16212b; --muted: #51606d; --accent: #0a6b62; --on-accent: #fff; --control: #78848f; }
@media (prefers-color-scheme: dark) { :root { --background: #0f1419; --surface: #171e25;
  --line: #2a343e; --text: #e8eef3; --muted: #a2afbb; --accent: #6fd6c5; --on-accent: #06231f;
  --control: #7d8a97; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 3rem 1rem; background: var(--background); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 42rem; margin: 0 auto; }
h1 { margin: 0; font-size: 2rem; line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; }
p { color: var(--muted); }
a { color: var(--accent); }
dl, form { display: grid; gap: 0.5rem 1.5rem; margin: 0; padding: 1rem 1.25rem;
  border: 1px solid var(--line); border-radius: 0.75rem; background: var(--surface); }
dl { grid-template-columns: minmax(6rem, max-content) 1fr; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: 0.875rem; }
textarea, button { min-height: 2.75rem; padding: 0.5rem 0.75rem; border: 1px solid var(--control);
  border-radius: 0.5rem; background: var(--background); color: var(--text); font: inherit; }
button { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

/** Shows a request to whoever made it. */
export function welcomePage(request, connection) {
  const rows = [
    ["You", connection.peer],
    ["Request", `${request.method} ${request.target} HTTP/${request.version}`],
    ["On this connection", `request ${connection.requests}`],
    ...Object.entries(request.headers),
  ];
  const list = rows.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Served by a web page</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Another tab made this page.</h1>
<p>JavaScript in the socketgate tab read your request and wrote these bytes. Go back to that tab:
the request is in its log.</p>
<h2>What your browser sent</h2>
<dl>${list.join("")}</dl>
<h2>Send something back and forth</h2>
<form method="post" action="/echo" enctype="text/plain">
<label for="text">A text; the other tab answers with what it gets</label>
<textarea id="text" name="text" rows="2">Is anybody there?</textarea>
<button>POST /echo</button>
</form>
<h2>More</h2>
<p><a href="/hello">/hello</a> · <a href="/time">/time</a> · <a href="/bytes/1000000">/bytes/1000000</a></p>
</main>
</body>
</html>
`;
}

/** Text that means itself in HTML, in elements and in quoted attributes. */
function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

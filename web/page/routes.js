/**
 * What the server of the first page answers.
 */

import { welcomePage } from "./welcome.js";

const MAX_BYTES = 64 * 1024 * 1024;
const PIECE = 64 * 1024;

/** Byte n of /bytes/N is n modulo this. */
const PERIOD = 251;
const pattern = Uint8Array.from({ length: PIECE + PERIOD }, (_, i) => i % PERIOD);

const TEXT = { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" };

/** Methods that HTTP knows; others are 501. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

const READ = ["GET", "HEAD"];

const routes = [
  { path: /^\/$/, methods: READ, answer: welcome },
  { path: /^\/hello$/, methods: READ, answer: hello },
  { path: /^\/echo$/, methods: ["POST"], answer: echo },
  { path: /^\/time$/, methods: READ, answer: time },
  { path: /^\/favicon\.ico$/, methods: READ, answer: nothing },
  { path: /^\/bytes\/(\d{1,9})$/, methods: READ, answer: bytes },
];

/** Answers a request of HttpServer. */
export function answer(request, connection) {
  const { method, path } = request;
  for (const route of routes) {
    const match = route.path.exec(path);
    if (!match) continue;
    if (route.methods.includes(method)) return route.answer(request, connection, match[1]);
    const headers = { ...TEXT, Allow: route.methods.join(", ") };
    const status = METHODS.includes(method) ? 405 : 501;
    return connection.respond(status, headers, `${path} takes ${route.methods.join(" and ")}.\n`);
  }
  const known = "/ /hello /echo /time /bytes/N";
  connection.respond(404, TEXT, `There is nothing here. This page serves ${known}\n`);
}

function welcome(request, connection) {
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy":
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'",
  };
  connection.respond(200, headers, welcomePage(request, connection));
}

function hello(request, connection) {
  const { peer, requests } = connection;
  const text = `Hello ${peer}, a web page is speaking. This is request ${requests} on this connection.\n`;
  connection.respond(200, TEXT, text);
}

function echo(request, connection) {
  connection.respond(200, TEXT, request.body);
}

function time(request, connection) {
  const now = new Date();
  const json = JSON.stringify({ iso: now.toISOString(), milliseconds: now.getTime() });
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  connection.respond(200, headers, `${json}\n`);
}

/** Browsers ask for an icon by themselves; the page that has one names it in its HTML. */
function nothing(request, connection) {
  connection.respond(204, {}, "");
}

function bytes(request, connection, digits) {
  const length = Number(digits);
  if (length > MAX_BYTES) {
    return connection.respond(400, TEXT, `At most ${MAX_BYTES} bytes can be asked for.\n`);
  }
  connection.stream(200, { "Content-Type": "application/octet-stream" }, length, (offset) => {
    const start = offset % PERIOD;
    return pattern.slice(start, start + Math.min(PIECE, length - offset)).buffer;
  });
}

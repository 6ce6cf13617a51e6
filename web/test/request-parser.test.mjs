/**
 * Tests the HTTP server example's request parser. Run: node --test web/test/
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInThisContext } from "node:vm";

for (const name of ["buffers.js", "request-parser.js"]) {
  const url = new URL(`../examples/http-server/${name}`, import.meta.url);
  runInThisContext(readFileSync(url, "utf8"), { filename: url.pathname });
}
const { RequestParser } = globalThis;

const LIMITS = { requestLine: 100, head: 200, fields: 5, body: 50 };

const bytesOf = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const textOf = (buffer) => String.fromCharCode(...new Uint8Array(buffer));

/** Feeds a text in pieces of some size; gives what comes out, an error's status last. */
function parse(text, size = text.length || 1) {
  const parser = new RequestParser(LIMITS);
  const bytes = bytesOf(text);
  const out = [];
  for (let offset = 0; offset < bytes.length; offset += size) {
    parser.push(bytes.slice(offset, offset + size).buffer);
    try {
      for (let request; (request = parser.next());) {
        out.push({ ...request, headers: { ...request.headers }, body: textOf(request.body) });
      }
    } catch (error) {
      assert.ok(error instanceof RequestParser.HttpError, String(error));
      return [...out, error.status];
    }
  }
  return out;
}

/** Asserts an outcome for every way to cut the text into equal pieces. */
function everyCut(text, want) {
  for (let size = 1; size <= text.length; size++) {
    assert.deepEqual(parse(text, size).map(want.map), want.result, `pieces of ${size} bytes`);
  }
}

const summary = (request) =>
  typeof request === "number"
    ? request
    : `${request.method} ${request.path} ${request.keepAlive} ${request.body}`;

const HOST = "Host: a\r\n";

const accepted = [
  ["plain", `GET /x HTTP/1.1\r\n${HOST}\r\n`, ["GET /x true "]],
  ["lines that end with LF", "GET /x HTTP/1.0\n\n", ["GET /x false "]],
  ["empty lines before", `\r\n\nGET /x HTTP/1.1\r\n${HOST}\r\n`, ["GET /x true "]],
  ["query", `GET /x?y=/z HTTP/1.1\r\n${HOST}\r\n`, ["GET /x true "]],
  ["encoded path", `GET /%41%20b HTTP/1.1\r\n${HOST}\r\n`, ["GET /A b true "]],
  ["absolute form", `GET http://a:1/x HTTP/1.1\r\n${HOST}\r\n`, ["GET /x true "]],
  ["absolute form without a path", `GET http://a HTTP/1.1\r\n${HOST}\r\n`, ["GET / true "]],
  ["asterisk", `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, ["OPTIONS * true "]],
  ["close", `GET / HTTP/1.1\r\n${HOST}Connection: x, Close\r\n\r\n`, ["GET / false "]],
  ["keep-alive in 1.0", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", ["GET / true "]],
  ["length", `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`, ["POST / true abc"]],
  ["length 0", `POST / HTTP/1.1\r\n${HOST}Content-Length: 00\r\n\r\n`, ["POST / true "]],
  [
    "chunks",
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n02;x="y"\r\nde\r\n0\r\nT: t\r\n\r\n`,
    ["POST / true abcde"],
  ],
  [
    "three in a row",
    `GET /1 HTTP/1.1\r\n${HOST}\r\nPOST /2 HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\n${HOST}\r\n`,
    ["GET /1 true ", "POST /2 true hi", "GET /3 true "],
  ],
];

const refused = [
  ["no request line", "hello\r\n", 400],
  ["two spaces", `GET  / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["TLS", "\x16\x03\x01\x02", 400],
  ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\n", 505],
  ["HTTP/0.9 by name", "GET / HTTP/0.9\r\n\r\n", 505],
  ["no version", "GET / HTTPS\r\n\r\n", 400],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
  ["folded line", `GET / HTTP/1.1\r\n${HOST} b: c\r\n\r\n`, 400],
  ["space before the colon", `GET / HTTP/1.1\r\n${HOST}b : c\r\n\r\n`, 400],
  ["no colon", `GET / HTTP/1.1\r\n${HOST}bc\r\n\r\n`, 400],
  ["CR inside a value", `GET / HTTP/1.1\r\n${HOST}b: c\rd\r\n\r\n`, 400],
  ["bad percent sign", `GET /%zz HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["relative path", `GET x HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["negative length", `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, 400],
  ["two lengths", `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, 400],
  [
    "length and chunks",
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
  ],
  ["chunks in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
  ["unknown coding", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
  ["expectation", `POST / HTTP/1.1\r\n${HOST}Expect: cake\r\n\r\n`, 417],
  ["chunk size", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 400],
  ["chunk end", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n`, 400],
  ["long line", `GET /${"x".repeat(100)} HTTP/1.1\r\n`, 414],
  ["long line without an end", "x".repeat(103), 414],
  ["large head", `GET / HTTP/1.1\r\n${HOST}b: ${"x".repeat(200)}\r\n\r\n`, 431],
  ["many fields", `GET / HTTP/1.1\r\n${HOST}${"b: c\r\n".repeat(5)}\r\n`, 431],
  ["large body", `POST / HTTP/1.1\r\n${HOST}Content-Length: 51\r\n\r\n`, 413],
  ["absurd length", `POST / HTTP/1.1\r\n${HOST}Content-Length: ${"9".repeat(99)}\r\n\r\n`, 413],
  [
    "large body in chunks",
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1e\r\n${"x".repeat(30)}\r\n15\r\n`,
    413,
  ],
];

for (const [name, text, result] of accepted) {
  test(`accepts: ${name}`, () => everyCut(text, { map: summary, result }));
}

for (const [name, text, status] of refused) {
  test(`refuses: ${name}`, () => everyCut(text, { map: summary, result: [status] }));
}

test("joins repeated fields, with names in lower case and values trimmed", () => {
  const [{ headers }] = parse(`GET / HTTP/1.1\r\n${HOST}Accept: a\r\nACCEPT:\tb \r\n\r\n`);
  assert.deepEqual(headers, { host: "a", accept: "a, b" });
});

test("a field named __proto__ is a field", () => {
  const parser = new RequestParser(LIMITS);
  parser.push(bytesOf(`GET / HTTP/1.1\r\n${HOST}__proto__: x\r\n\r\n`).buffer);
  assert.deepEqual(Object.keys(parser.next().headers), ["host", "__proto__"]);
});

test("asks for 100 Continue once, and only while the body has not begun", () => {
  const head = `POST / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`;
  const parser = new RequestParser(LIMITS);
  parser.push(bytesOf(head).buffer);
  assert.equal(parser.next(), null);
  assert.equal(parser.takeContinue(), true);
  assert.equal(parser.takeContinue(), false);
  parser.push(bytesOf("hi").buffer);
  assert.equal(textOf(parser.next().body), "hi");

  const eager = new RequestParser(LIMITS);
  eager.push(bytesOf(`${head}h`).buffer);
  assert.equal(eager.next(), null);
  assert.equal(eager.takeContinue(), false);
});

test("reads nothing after an error", () => {
  const parser = new RequestParser(LIMITS);
  parser.push(bytesOf(`hello\r\nGET / HTTP/1.1\r\n${HOST}\r\n`).buffer);
  assert.throws(() => parser.next(), { status: 400, isHttp: false });
  parser.push(bytesOf(`GET / HTTP/1.1\r\n${HOST}\r\n`).buffer);
  assert.equal(parser.next(), null);
});

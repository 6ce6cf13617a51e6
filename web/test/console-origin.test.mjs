/** Which part of an origin says whose it is, and what is odd about it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { splitOrigin, warningsOf } from "../console/origin.js";

for (const [origin, owner, warnings] of [
  ["https://example.com", "example.com", 0],
  ["https://app.example.com:8443", "example.com", 0],
  ["https://paypal.com.login.example.net", "example.net", 0],
  ["https://someone.github.io", "someone.github.io", 0],
  ["https://a.someone.github.io", "someone.github.io", 0],
  ["https://a.b.example.com.au:8443", "example.com.au", 0],
  ["https://a.b.io", "a.b.io", 0],
  ["https://xn--pple-43d.com", "xn--pple-43d.com", 1],
  ["https://xn--pple-43d.example.com", "example.com", 1],
  ["http://intranet.example", "intranet.example", 1],
  ["http://intranet", "intranet", 1],
  ["http://192.168.1.20:8080", "192.168.1.20", 1],
  ["http://127.0.0.1:8080", "127.0.0.1", 0],
  ["http://localhost:5173", "localhost", 0],
  ["http://app.localhost:5173", "app.localhost", 0],
  ["http://localhost.example.com", "example.com", 1],
  ["http://[::1]:5173", "[::1]", 0],
  ["http://[2001:db8::1]", "[2001:db8::1]", 1],
  ["chrome-extension://abcdefghijklmnopabcdefghijklmnop", "abcdefghijklmnopabcdefghijklmnop", 0],
  ["program:backup", "program:backup", 0],
]) {
  test(`${owner} stands out in ${origin}`, () => {
    const parts = splitOrigin(origin);
    assert.equal(parts.owner, owner);
    assert.equal(parts.scheme + parts.before + parts.owner + parts.after, origin);
    assert.equal(warningsOf(origin).length, warnings);
  });
}

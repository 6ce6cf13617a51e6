/**
 * The site that the example serves, all of it in memory.
 */
var Site = (function () {
  "use strict";

  var FILE_SIZE = 6 * 1024 * 1024;

  /** A file of 6 MB, the same at every start: a linear congruential generator's upper bytes. */
  function makeFile() {
    var file = new Uint8Array(FILE_SIZE);
    var state = 1;
    for (var i = 0; i < FILE_SIZE; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      file[i] = state >>> 24;
    }
    return file.buffer;
  }

  var index = [
    "<!doctype html>",
    '<html lang="en">',
    "<title>A site in a web page</title>",
    '<link rel="stylesheet" href="/style.css">',
    "<h1>A site in a web page</h1>",
    "<p>These bytes were in the memory of a browser tab until you asked for them.</p>",
    '<p><a href="/file.bin">A file of 6 MB</a>, sent in pieces of 4 KB.</p>',
    "",
  ].join("\n");

  var style = [
    "body { max-width: 36rem; margin: 4rem auto; padding: 0 1rem; }",
    "body { font: 1.1rem/1.6 system-ui, sans-serif; color-scheme: light dark; }",
    "",
  ].join("\n");

  return {
    "/": { type: "text/html; charset=utf-8", content: Buffers.fromString(index) },
    "/style.css": { type: "text/css; charset=utf-8", content: Buffers.fromString(style) },
    "/file.bin": { type: "application/octet-stream", content: makeFile() },
  };
})();

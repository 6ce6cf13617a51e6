/**
 * Conversions between text and the ArrayBuffers that chrome.sockets takes and gives.
 */
var Buffers = (function () {
  "use strict";

  /** The UTF-8 bytes of a string, as an ArrayBuffer. */
  function fromString(text) {
    return new TextEncoder().encode(text).buffer;
  }

  /** Bytes as text, one character for each byte. HTTP's syntax is defined on bytes. */
  function toLatin1(bytes) {
    var text = "";
    for (var i = 0; i < bytes.length; i++) {
      text += String.fromCharCode(bytes[i]);
    }
    return text;
  }

  /** One ArrayBuffer that holds the bytes of several ArrayBuffers or typed arrays. */
  function concat(parts) {
    var length = parts.reduce(function (sum, part) {
      return sum + part.byteLength;
    }, 0);
    var all = new Uint8Array(length);
    var offset = 0;
    parts.forEach(function (part) {
      all.set(part instanceof ArrayBuffer ? new Uint8Array(part) : part, offset);
      offset += part.byteLength;
    });
    return all.buffer;
  }

  return { fromString: fromString, toLatin1: toLatin1, concat: concat };
})();

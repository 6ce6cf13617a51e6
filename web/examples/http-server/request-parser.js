/**
 * Reads HTTP/1.0 and HTTP/1.1 requests (RFC 9112) from bytes that arrive in pieces of any size.
 * Knows nothing of sockets: push() takes bytes, next() gives a request as soon as one is complete.
 */
var RequestParser = (function () {
  "use strict";

  var LF = 10;
  var TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  var CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
  var MAX_CHUNK_LINE = 1024;

  /**
   * Why bytes are not a request that can be answered; status is what to answer with. isHttp is false when
   * whoever sent them does not seem to speak HTTP at all.
   */
  function HttpError(status, message, isHttp) {
    this.status = status;
    this.message = message;
    this.isHttp = isHttp !== false;
  }

  /**
   * @param {{requestLine: number, head: number, fields: number, body: number}} limits How many bytes
   *     the request line, all header fields together and the body may have, and how many fields there
   *     may be.
   */
  function RequestParser(limits) {
    this.limits = limits;
    this.bytes = new Uint8Array(0); // What was pushed and not read yet.
    this.failed = false;
    this.reset();
  }

  /** Starts with the next request. */
  RequestParser.prototype.reset = function () {
    this.read = this.readRequestLine;
    this.request = null;
    this.headSize = 0;
    this.fields = 0;
    this.body = new Uint8Array(0); // Longer than what has arrived, so that it grows seldom.
    this.bodySize = 0;
    this.remaining = 0; // Bytes of the body or of the chunk that are still to come.
    this.continueWanted = false;
    this.complete = false;
  };

  /** Takes bytes from the network. */
  RequestParser.prototype.push = function (buffer) {
    var bytes = new Uint8Array(buffer);
    this.bytes =
      this.bytes.length === 0 ? bytes : new Uint8Array(Buffers.concat([this.bytes, bytes]));
  };

  /** The number of bytes that were pushed and are not part of a request yet. */
  RequestParser.prototype.waiting = function () {
    return this.bytes.length;
  };

  /** Whether a request has begun and is not complete. */
  RequestParser.prototype.inRequest = function () {
    return this.request !== null || this.bytes.length > 0;
  };

  /** Whether the client waits for "100 Continue" before it sends the body. True once per request. */
  RequestParser.prototype.takeContinue = function () {
    var wanted = this.continueWanted && this.bodySize === 0;
    this.continueWanted = false;
    return wanted;
  };

  /**
   * The next complete request, or null when more bytes are needed. Throws an HttpError when the bytes
   * are no request; nothing more can be read then, as nobody knows where the next one begins.
   */
  RequestParser.prototype.next = function () {
    if (this.failed) {
      return null;
    }
    try {
      while (this.read()) {
        if (this.complete) {
          var request = this.request;
          request.body = this.body.slice(0, this.bodySize).buffer;
          this.reset();
          return request;
        }
      }
      return null;
    } catch (error) {
      this.failed = true;
      this.bytes = new Uint8Array(0);
      throw error;
    }
  };

  // Each read... method takes one element of the grammar. It returns false when it needs more bytes,
  // and otherwise sets this.read to the method for what follows.

  RequestParser.prototype.readRequestLine = function () {
    if (this.bytes.length > 0 && /[^!-~\r\n]/.test(String.fromCharCode(this.bytes[0]))) {
      var tls = this.bytes[0] === 0x16;
      throw new HttpError(
        400,
        tls ? "This is http, not https." : "These bytes are not HTTP.",
        false,
      );
    }
    var line = this.takeLine(this.limits.requestLine, 414, "The request line is too long.");
    if (line === null) {
      return false;
    }
    if (line === "") {
      return true; // "a server ... SHOULD ignore at least one empty line"; the head's limit ends it.
    }
    var words = line.split(" ");
    if (words.length !== 3 || !TOKEN.test(words[0]) || !/^[!-~]+$/.test(words[1])) {
      var shown = line.replace(/[^ -~]/g, ".").slice(0, 60);
      throw new HttpError(400, '"' + shown + '" is not an HTTP request line.', false);
    }
    if (!/^HTTP\/\d\.\d$/.test(words[2])) {
      throw new HttpError(400, "That is not an HTTP version.");
    }
    if (words[2][5] !== "1") {
      throw new HttpError(505, "This server speaks HTTP/1.1 and HTTP/1.0.");
    }
    this.request = {
      method: words[0],
      target: words[1],
      path: pathOf(words[0], words[1]),
      version: words[2] === "HTTP/1.0" ? "1.0" : "1.1",
      headers: Object.create(null), // Names in lower case; repeated fields joined with ", ".
      keepAlive: false,
      body: null,
    };
    this.read = this.readField;
    return true;
  };

  RequestParser.prototype.readField = function () {
    var line = this.takeHeadLine();
    if (line === null) {
      return false;
    }
    if (line === "") {
      this.endHead();
      return true;
    }
    var colon = line.indexOf(":");
    var name = line.slice(0, Math.max(colon, 0));
    var value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    if (!TOKEN.test(name) || CONTROL.test(value)) {
      throw new HttpError(400, "A header field is malformed.");
    }
    var headers = this.request.headers;
    var key = name.toLowerCase();
    if (key === "host" && key in headers) {
      throw new HttpError(400, "There is more than one Host.");
    }
    headers[key] = key in headers ? headers[key] + ", " + value : value;
    return true;
  };

  /** Decides, with all header fields known, how the body comes. */
  RequestParser.prototype.endHead = function () {
    var request = this.request;
    var headers = request.headers;
    var coding = headers["transfer-encoding"];
    var length = headers["content-length"];

    if (request.version === "1.1" && headers.host === undefined) {
      throw new HttpError(400, "An HTTP/1.1 request needs a Host.");
    }
    request.keepAlive = keepAlive(request.version, headers.connection);
    if (headers.expect !== undefined && headers.expect.toLowerCase() !== "100-continue") {
      throw new HttpError(417, "Only 100-continue can be expected.");
    }
    this.continueWanted = headers.expect !== undefined && request.version === "1.1";

    if (coding !== undefined) {
      // With both lengths, two programs could disagree about where the request ends.
      if (length !== undefined || request.version === "1.0") {
        throw new HttpError(400, "The length of the body is ambiguous.");
      }
      if (coding.toLowerCase() !== "chunked") {
        throw new HttpError(501, "The only transfer coding here is chunked.");
      }
      this.read = this.readChunkSize;
      return;
    }
    if (length === undefined || length === "0") {
      this.complete = true;
      return;
    }
    if (!/^\d+$/.test(length)) {
      throw new HttpError(400, "Content-Length is not a number.");
    }
    this.expectBody(Number(length));
    this.read = this.readBody;
    this.complete = this.remaining === 0;
  };

  RequestParser.prototype.readBody = function () {
    if (!this.takeBody()) {
      return false;
    }
    this.complete = this.remaining === 0;
    return true;
  };

  RequestParser.prototype.readChunkSize = function () {
    var line = this.takeLine(MAX_CHUNK_LINE, 400, "A chunk's first line is too long.");
    if (line === null) {
      return false;
    }
    var size = /^([0-9A-Fa-f]{1,8})[ \t]*(;.*)?$/.exec(line);
    if (!size) {
      throw new HttpError(400, "A chunk's size is malformed.");
    }
    this.expectBody(parseInt(size[1], 16));
    this.read = this.remaining === 0 ? this.readTrailer : this.readChunk;
    return true;
  };

  RequestParser.prototype.readChunk = function () {
    if (!this.takeBody()) {
      return false;
    }
    if (this.remaining === 0) {
      this.read = this.readChunkEnd;
    }
    return true;
  };

  RequestParser.prototype.readChunkEnd = function () {
    var line = this.takeLine(0, 400, "A chunk is longer than its size says.");
    if (line === null) {
      return false;
    }
    this.read = this.readChunkSize;
    return true;
  };

  /** Trailer fields are permitted to be there and to be ignored. */
  RequestParser.prototype.readTrailer = function () {
    var line = this.takeHeadLine();
    if (line === null) {
      return false;
    }
    this.complete = line === "";
    return true;
  };

  RequestParser.prototype.takeHeadLine = function () {
    var tooLarge = "The header fields are too large.";
    var line = this.takeLine(this.limits.head - this.headSize, 431, tooLarge);
    if (line) {
      this.headSize += line.length + 2;
      this.fields++;
      if (this.fields > this.limits.fields) {
        throw new HttpError(431, "There are too many header fields.");
      }
    }
    return line;
  };

  /**
   * The next line without its end, which is CRLF or, as "a recipient MAY", LF alone. Null when the line
   * is not complete yet; it is an error when it is longer than permitted.
   */
  RequestParser.prototype.takeLine = function (limit, status, message) {
    var end = this.bytes.indexOf(LF);
    if ((end < 0 ? this.bytes.length : end) > limit + 1) {
      throw new HttpError(status, message);
    }
    if (end < 0) {
      return null;
    }
    var line = Buffers.toLatin1(this.bytes.subarray(0, end)).replace(/\r$/, "");
    if (line.length > limit) {
      throw new HttpError(status, message);
    }
    this.bytes = this.bytes.subarray(end + 1);
    return line;
  };

  RequestParser.prototype.expectBody = function (length) {
    if (this.bodySize + length > this.limits.body) {
      throw new HttpError(413, "The body may have " + this.limits.body + " bytes.");
    }
    this.remaining = length;
  };

  /** Moves what is there of the body; false if nothing is. */
  RequestParser.prototype.takeBody = function () {
    var length = Math.min(this.remaining, this.bytes.length);
    if (length === 0) {
      return false;
    }
    if (this.bodySize + length > this.body.length) {
      var grown = new Uint8Array(Math.max(this.bodySize + length, 2 * this.bodySize));
      grown.set(this.body.subarray(0, this.bodySize));
      this.body = grown;
    }
    this.body.set(this.bytes.subarray(0, length), this.bodySize);
    this.bodySize += length;
    this.remaining -= length;
    this.bytes = this.bytes.subarray(length);
    return true;
  };

  /** The decoded path of a request target in origin form, absolute form or, for OPTIONS, "*". */
  function pathOf(method, target) {
    var path = target.replace(/^https?:\/\/[^/?#]+/i, "").replace(/[?#].*$/, "") || "/";
    if (path[0] !== "/" && !(method === "OPTIONS" && target === "*") && method !== "CONNECT") {
      throw new HttpError(400, "The request target is not a path.");
    }
    try {
      return decodeURIComponent(path);
    } catch (error) {
      throw new HttpError(400, "The path is not properly encoded.");
    }
  }

  /** Whether the connection stays open after the answer. */
  function keepAlive(version, connection) {
    var options = (connection || "").toLowerCase().split(/[ \t]*,[ \t]*/);
    if (options.indexOf("close") >= 0) {
      return false;
    }
    return version === "1.1" || options.indexOf("keep-alive") >= 0;
  }

  RequestParser.HttpError = HttpError;
  return RequestParser;
})();

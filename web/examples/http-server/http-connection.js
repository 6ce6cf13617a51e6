/**
 * One client of the HTTP server: feeds what arrives on its socket to the parser, hands requests to the
 * program one after the other, and writes the answers.
 */
var HttpConnection = (function () {
  "use strict";

  var tcp = chrome.sockets.tcp;

  /** After an error, how long the client must be silent before the connection is closed. */
  var LINGER_MS = 300;

  /** How long it may go on sending. */
  var MAX_LINGER_MS = 5000;

  var REASONS = {
    200: "OK",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    414: "URI Too Long",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
  };

  /**
   * @param {HttpServer} server
   * @param {number} socketId An accepted socket.
   */
  function HttpConnection(server, socketId) {
    this.server = server;
    this.socketId = socketId;
    this.peer = ""; // Address and port of the client, as soon as they are known.
    this.parser = new RequestParser(server.limits);
    this.request = null; // The one that is being answered.
    this.started = 0; // When it was complete.
    this.answered = false; // Whether its answer has begun.
    this.handedOver = false; // Whether the last byte of the answer has been given to send().
    this.paused = true; // Accepted sockets are.
    this.lingering = null; // The timer of linger().
    this.lingerEnd = 0; // When it ends at the latest.
    this.closed = false;
    this.lastActivity = Date.now();
    this.bytesReceived = 0;
    this.bytesSent = 0;
    this.requests = 0;
  }

  // ---- Receiving -------------------------------------------------------------------------------

  /** Bytes have arrived. */
  HttpConnection.prototype.receive = function (data) {
    this.lastActivity = Date.now();
    this.bytesReceived += data.byteLength;
    this.server.counters.bytesReceived += data.byteLength;
    if (this.lingering !== null) {
      this.linger();
      return;
    }
    this.parser.push(data);
    this.advance();
  };

  /** The client has ended the connection, or its own direction of it. */
  HttpConnection.prototype.receiveEnd = function () {
    if (this.request !== null && this.handedOver) {
      this.request.keepAlive = false; // finish() closes.
    } else {
      this.close();
    }
  };

  /** Takes the next request if there is one and none is being answered. */
  HttpConnection.prototype.advance = function () {
    if (!this.closed && this.request === null && this.lingering === null) {
      try {
        this.request = this.parser.next();
      } catch (error) {
        this.refuse(error);
        return;
      }
      if (this.request !== null) {
        this.handle();
      } else if (this.parser.takeContinue()) {
        this.send(Buffers.fromString("HTTP/1.1 100 Continue\r\n\r\n"));
      }
    }
    this.updatePaused();
  };

  HttpConnection.prototype.handle = function () {
    this.started = performance.now();
    this.answered = false;
    this.handedOver = false;
    this.requests++;
    try {
      this.server.onrequest(this.request, this);
    } catch (error) {
      console.error(error);
      if (this.answered) {
        this.close(); // The client sees that the answer is not complete.
      } else {
        this.respond(500, { "Content-Type": "text/plain" }, "The page failed to answer.\n");
      }
    }
  };

  /**
   * Input waits in the network while an answer is on its way and there is more to come, of the answer
   * or of the requests behind it. So a client cannot fill the page's memory, and the end of its
   * direction is not noticed before it has got all its answers.
   */
  HttpConnection.prototype.updatePaused = function () {
    var busy = this.request !== null;
    var wanted = busy && (!this.handedOver || this.parser.waiting() > 0);
    if (!this.closed && wanted !== this.paused) {
      this.paused = wanted;
      tcp.setPaused(this.socketId, wanted, ignoreError);
    }
  };

  /** Answers bytes that are no request, and closes the connection. */
  HttpConnection.prototype.refuse = function (error) {
    if (!(error instanceof RequestParser.HttpError)) {
      throw error;
    }
    var connection = this;
    this.started = performance.now();
    this.request = { method: "", target: "", keepAlive: false };
    var text = error.message + "\n" + (error.isHttp ? "" : this.server.hint);
    this.respond(error.status, { "Content-Type": "text/plain; charset=utf-8" }, text, function () {
      connection.linger();
    });
  };

  /**
   * Reads on without looking until the client is silent, then closes: closing a connection on which
   * bytes wait unread resets it, and the client might lose the answer.
   */
  HttpConnection.prototype.linger = function () {
    var connection = this;
    var now = Date.now();
    if (this.lingering === null) {
      this.lingerEnd = now + MAX_LINGER_MS;
      this.updatePaused();
    }
    clearTimeout(this.lingering);
    this.lingering = setTimeout(
      function () {
        connection.close();
      },
      Math.min(LINGER_MS, this.lingerEnd - now),
    );
  };

  // ---- Answering -------------------------------------------------------------------------------

  /**
   * Answers the request with a body that is at hand: a string or an ArrayBuffer.
   */
  HttpConnection.prototype.respond = function (status, headers, body, callback) {
    var bytes = typeof body === "string" ? Buffers.fromString(body) : body;
    var head = this.head(status, headers, bytes.byteLength);
    var hasBody = this.request.method !== "HEAD" && status !== 204 && status !== 304;
    var connection = this;
    this.handedOver = true;
    this.send(hasBody ? Buffers.concat([head, bytes]) : head, function () {
      connection.finish(status, hasBody ? bytes.byteLength : 0, callback);
    });
  };

  /**
   * Answers the request with a body of a known length that is made while it is sent.
   *
   * @param {function(number): ArrayBuffer} piece Gives the bytes from an offset on, as many as it
   *     likes. It is called when the network has taken all bytes before, so a slow client slows it
   *     down.
   */
  HttpConnection.prototype.stream = function (status, headers, length, piece) {
    var connection = this;
    var end = this.request.method === "HEAD" ? 0 : length;
    var offset = 0;
    this.handedOver = false;
    this.send(this.head(status, headers, length), next);

    function next() {
      if (offset >= end) {
        connection.finish(status, end);
        return;
      }
      var bytes = piece(offset);
      offset += bytes.byteLength;
      connection.send(bytes, next);
    }
  };

  /** The status line and the header fields. */
  HttpConnection.prototype.head = function (status, headers, length) {
    var lines = ["HTTP/1.1 " + status + " " + (REASONS[status] || "Status")];
    function add(name, value) {
      if (/[^\t -~]/.test(value)) {
        throw new Error("The value of " + name + " cannot be in a header");
      }
      lines.push(name + ": " + value);
    }
    Object.keys(headers).forEach(function (name) {
      add(name, String(headers[name]));
    });
    add("Date", new Date().toUTCString());
    add("X-Content-Type-Options", "nosniff");
    if (status !== 204 && status !== 304) {
      add("Content-Length", String(length));
    }
    if (!this.request.keepAlive) {
      add("Connection", "close");
    } else if (this.request.version === "1.0") {
      add("Connection", "keep-alive");
    }
    this.answered = true;
    return Buffers.fromString(lines.join("\r\n") + "\r\n\r\n");
  };

  /** Sends bytes; the callback comes when the network has them, and not at all if it fails. */
  HttpConnection.prototype.send = function (buffer, callback) {
    var connection = this;
    if (this.closed) {
      return;
    }
    tcp.send(this.socketId, buffer, function (sendInfo) {
      if (connection.closed) {
        return ignoreError();
      }
      if (chrome.runtime.lastError || sendInfo.resultCode < 0) {
        connection.close();
        return;
      }
      connection.lastActivity = Date.now();
      connection.bytesSent += sendInfo.bytesSent;
      connection.server.counters.bytesSent += sendInfo.bytesSent;
      if (callback) {
        callback();
      }
    });
  };

  /** The answer has been sent. */
  HttpConnection.prototype.finish = function (status, bodySize, callback) {
    var request = this.request;
    this.request = null;
    this.server.counters.requests++;
    this.server.onresponse({
      connection: this,
      method: request.method,
      target: request.target,
      status: status,
      bodySize: bodySize,
      milliseconds: performance.now() - this.started,
    });
    if (callback) {
      callback();
    } else if (!request.keepAlive) {
      this.close();
    } else {
      this.advance();
    }
  };

  // ---- Closing ---------------------------------------------------------------------------------

  /** Closes the socket. What send() took before is still sent. */
  HttpConnection.prototype.close = function () {
    if (this.closed) {
      return;
    }
    this.closed = true;
    clearTimeout(this.lingering);
    tcp.close(this.socketId, ignoreError);
    this.server.forget(this);
  };

  /** Called now and then: ends a connection on which nothing has moved for too long. */
  HttpConnection.prototype.checkIdle = function (now, limit) {
    if (now - this.lastActivity < limit) {
      return;
    }
    if (this.request === null && this.parser.inRequest()) {
      this.refuse(new RequestParser.HttpError(408, "The request took too long."));
    } else {
      this.close();
    }
  };

  /** Reading lastError says that it is expected: the peer can go away at any moment. */
  function ignoreError() {
    void chrome.runtime.lastError;
  }

  return HttpConnection;
})();

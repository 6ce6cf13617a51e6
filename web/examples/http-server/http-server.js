/**
 * An HTTP/1.1 server over chrome.sockets.tcpServer: listens, and hands connections, requests and answers
 * to the program.
 *
 *     var server = new HttpServer();
 *     server.onrequest = function (request, connection) {
 *       connection.respond(200, { "Content-Type": "text/plain" }, "Hello from a web page\n");
 *     };
 *     server.listen("127.0.0.1", 0, function (error, port) { ... });
 */
var HttpServer = (function () {
  "use strict";

  var tcp = chrome.sockets.tcp;
  var tcpServer = chrome.sockets.tcpServer;

  /** How often connections are checked for having been idle too long. */
  var IDLE_CHECK_MS = 5000;

  function HttpServer() {
    this.socketId = null;
    this.connections = {}; // By socket id.
    this.counters = { open: 0, connections: 0, requests: 0, bytesReceived: 0, bytesSent: 0 };
    this.limits = {
      connections: 500,
      idleMilliseconds: 60000,
      requestLine: 8192,
      head: 16384,
      fields: 100,
      body: 4 * 1024 * 1024,
    };
    /** What is added to the answer to somebody who does not speak HTTP. */
    this.hint = "";
    this.idleTimer = null;

    this.accept = this.accept.bind(this);
    this.acceptError = this.acceptError.bind(this);
    this.receive = this.receive.bind(this);
    this.receiveError = this.receiveError.bind(this);
  }

  // What the program may set:

  /** Must answer with connection.respond() or connection.stream(), now or later. */
  HttpServer.prototype.onrequest = function (request, connection) {
    connection.respond(404, { "Content-Type": "text/plain" }, "Not found\n");
  };
  /** An answer has been sent, or bytes that are no request have been refused. */
  HttpServer.prototype.onresponse = function (entry) {};
  HttpServer.prototype.onconnect = function (connection) {};
  HttpServer.prototype.onclose = function (connection) {};
  /** The server cannot accept any more. */
  HttpServer.prototype.onerror = function (message) {};

  /**
   * Begins to listen.
   *
   * @param {string} address An IP address.
   * @param {number} port 0 for any free one.
   * @param {function(?string, number=)} callback Gets an error text, or null and the port.
   */
  HttpServer.prototype.listen = function (address, port, callback) {
    var server = this;
    tcpServer.onAccept.addListener(this.accept);
    tcpServer.onAcceptError.addListener(this.acceptError);
    tcp.onReceive.addListener(this.receive);
    tcp.onReceiveError.addListener(this.receiveError);

    tcpServer.create({ name: "http-server" }, function (createInfo) {
      if (chrome.runtime.lastError) {
        return fail();
      }
      server.socketId = createInfo.socketId;
      tcpServer.listen(server.socketId, address, port, function (result) {
        if (chrome.runtime.lastError || result < 0) {
          return fail();
        }
        tcpServer.getInfo(server.socketId, function (info) {
          if (chrome.runtime.lastError) {
            return fail();
          }
          server.idleTimer = setInterval(checkIdle, IDLE_CHECK_MS);
          callback(null, info.localPort);
        });
      });
    });

    function fail() {
      var message = chrome.runtime.lastError.message;
      server.stop();
      callback(message);
    }

    function checkIdle() {
      var now = Date.now();
      server.eachConnection(function (connection) {
        connection.checkIdle(now, server.limits.idleMilliseconds);
      });
    }
  };

  /** Stops listening and closes all connections. */
  HttpServer.prototype.stop = function () {
    tcpServer.onAccept.removeListener(this.accept);
    tcpServer.onAcceptError.removeListener(this.acceptError);
    tcp.onReceive.removeListener(this.receive);
    tcp.onReceiveError.removeListener(this.receiveError);
    clearInterval(this.idleTimer);
    this.eachConnection(function (connection) {
      connection.close();
    });
    if (this.socketId !== null) {
      tcpServer.close(this.socketId, function () {
        void chrome.runtime.lastError;
      });
      this.socketId = null;
    }
  };

  HttpServer.prototype.eachConnection = function (visit) {
    Object.keys(this.connections).forEach(function (socketId) {
      visit(this.connections[socketId]);
    }, this);
  };

  // Events come for every socket of the page; each server looks for its own.

  HttpServer.prototype.accept = function (info) {
    if (info.socketId !== this.socketId) {
      return;
    }
    var server = this;
    var connection = new HttpConnection(this, info.clientSocketId);
    this.connections[info.clientSocketId] = connection;
    this.counters.open++;
    this.counters.connections++;
    var full = this.counters.open > this.limits.connections;

    tcp.getInfo(info.clientSocketId, function (socketInfo) {
      if (chrome.runtime.lastError || connection.closed) {
        return connection.close();
      }
      connection.peer = endpoint(socketInfo.peerAddress, socketInfo.peerPort);
      server.onconnect(connection);
      if (full) {
        connection.refuse(new RequestParser.HttpError(503, "There are too many connections."));
      }
      connection.updatePaused(); // Accepted sockets are paused: nothing is lost before now.
    });
  };

  HttpServer.prototype.acceptError = function (info) {
    if (info.socketId === this.socketId) {
      this.onerror("Accepting connections failed with code " + info.resultCode);
    }
  };

  HttpServer.prototype.receive = function (info) {
    var connection = this.connections[info.socketId];
    if (connection) {
      connection.receive(info.data);
    }
  };

  HttpServer.prototype.receiveError = function (info) {
    var connection = this.connections[info.socketId];
    if (connection) {
      connection.receiveEnd();
    }
  };

  HttpServer.prototype.forget = function (connection) {
    delete this.connections[connection.socketId];
    this.counters.open--;
    this.onclose(connection);
  };

  function endpoint(address, port) {
    return (address.indexOf(":") >= 0 ? "[" + address + "]" : address) + ":" + port;
  }

  return HttpServer;
})();

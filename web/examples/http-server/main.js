/**
 * The program of the example: serves the files of site.js, large ones in small pieces.
 */
(function () {
  "use strict";

  var PIECE = 4096;

  var server = new HttpServer();

  server.onrequest = function (request, connection) {
    var file = Object.prototype.hasOwnProperty.call(Site, request.path) ? Site[request.path] : null;
    if (!file) {
      connection.respond(404, { "Content-Type": "text/plain" }, "There is no such file.\n");
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      var headers = { "Content-Type": "text/plain", Allow: "GET, HEAD" };
      connection.respond(405, headers, "Files can only be read.\n");
      return;
    }
    connection.stream(
      200,
      { "Content-Type": file.type },
      file.content.byteLength,
      function (offset) {
        return file.content.slice(offset, offset + PIECE);
      },
    );
  };

  server.onresponse = function (entry) {
    var line = document.createElement("li");
    line.textContent = [
      entry.connection.peer,
      entry.method || "(not HTTP)",
      entry.target,
      entry.status,
      entry.bodySize + " bytes",
      entry.milliseconds.toFixed(1) + " ms",
    ].join("  ");
    var log = document.getElementById("log");
    log.insertBefore(line, log.firstChild);
    while (log.children.length > 100) {
      log.removeChild(log.lastChild);
    }
  };

  server.onerror = showStatus;

  server.listen("127.0.0.1", 0, function (error, port) {
    if (error) {
      showStatus(error);
      return;
    }
    showPort(port);
    showStatus("listening");
  });

  /** Shows the port by itself and in the command lines. */
  function showPort(port) {
    document.getElementById("port").textContent = port;
    document.querySelectorAll(".port").forEach(function (element) {
      element.textContent = port;
    });
  }

  function showStatus(text) {
    document.getElementById("status").textContent = text;
  }
})();

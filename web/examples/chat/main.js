/**
 * The page of the chat server: shows what is said, and lets the host join in.
 */
(function () {
  "use strict";

  var MAX_LINES = 200;

  var server = new ChatServer();
  var scrolling = false;

  server.onmessage = function (text) {
    var line = document.createElement("li");
    line.textContent = text;
    var log = document.getElementById("log");
    log.appendChild(line);
    while (log.children.length > MAX_LINES) {
      log.removeChild(log.firstChild);
    }
    scrollToEnd();
  };

  server.onmembers = function (names) {
    document.getElementById("members").textContent = names.join(", ") || "nobody";
  };

  server.onerror = showStatus;

  document.getElementById("form").addEventListener("submit", function (event) {
    var input = document.getElementById("text");
    event.preventDefault();
    if (input.value.trim() !== "") {
      server.say(input.value.trim());
    }
    input.value = "";
  });

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

  /** Shows the newest line; once per frame, as it makes the browser lay out the page. */
  function scrollToEnd() {
    if (scrolling) {
      return;
    }
    scrolling = true;
    requestAnimationFrame(function () {
      var frame = document.getElementById("log").parentNode;
      scrolling = false;
      frame.scrollTop = frame.scrollHeight;
    });
  }

  function showStatus(text) {
    document.getElementById("status").textContent = text;
  }
})();

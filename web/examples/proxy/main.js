/**
 * The page of the proxy: shows its ports and connections, and lets the target be chosen.
 */
(function () {
  "use strict";

  var MAX_LINES = 100;

  var proxy = new TcpProxy();
  var bytes = 0;

  proxy.onlog = function (text) {
    var line = document.createElement("li");
    line.textContent = text;
    var log = document.getElementById("log");
    log.insertBefore(line, log.firstChild);
    while (log.children.length > MAX_LINES) {
      log.removeChild(log.lastChild);
    }
  };

  proxy.onbytes = function (count) {
    bytes += count;
    document.getElementById("bytes").textContent = bytes;
  };

  document.getElementById("form").addEventListener("submit", function (event) {
    event.preventDefault();
    setTarget(
      document.getElementById("target-address").value.trim(),
      Number(document.getElementById("target-port").value),
    );
  });

  TcpProxy.listenEcho("127.0.0.1", 0, function (error, echoPort) {
    if (error) {
      showStatus(error);
      return;
    }
    document.getElementById("echo-port").textContent = echoPort;
    document.getElementById("target-port").value = echoPort;
    setTarget("127.0.0.1", echoPort);

    proxy.listen("127.0.0.1", 0, function (error, port) {
      if (error) {
        showStatus(error);
        return;
      }
      showPort(port);
      showStatus("listening");
    });
  });

  /** Takes effect for connections that come from now on. */
  function setTarget(address, port) {
    proxy.target = { address: address, port: port };
    document.getElementById("target").textContent = address + ":" + port;
  }

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

/**
 * A TCP proxy over chrome.sockets: for each connection that comes, one is made to the target, and bytes are
 * passed on both ways. And an echo server, for something to connect to.
 */
var TcpProxy = (function () {
  "use strict";

  var tcp = chrome.sockets.tcp;

  function ignoreError() {
    void chrome.runtime.lastError;
  }

  function TcpProxy() {
    this.target = { address: "127.0.0.1", port: 0 };
  }

  // What the program may set:

  /** Something has happened with a connection. */
  TcpProxy.prototype.onlog = function (text) {};
  TcpProxy.prototype.onbytes = function (count) {};

  TcpProxy.prototype.listen = function (address, port, callback) {
    listenTcp(address, port, this.accept.bind(this), callback);
  };

  /** Connects to the target. Until that is done the accepted socket stays paused, as it is. */
  TcpProxy.prototype.accept = function (clientId) {
    var proxy = this;
    var target = this.target;
    var name = target.address + ":" + target.port;
    tcp.create({ bufferSize: 65536 }, function (createInfo) {
      if (chrome.runtime.lastError) {
        proxy.onlog("#" + clientId + " " + chrome.runtime.lastError.message);
        tcp.close(clientId, ignoreError);
        return;
      }
      var targetId = createInfo.socketId;
      tcp.connect(targetId, target.address, target.port, function (result) {
        if (chrome.runtime.lastError || result < 0) {
          proxy.onlog("#" + clientId + " to " + name + ": " + chrome.runtime.lastError.message);
          tcp.close(targetId, ignoreError);
          tcp.close(clientId, ignoreError);
          return;
        }
        proxy.onlog("#" + clientId + " to " + name + ": connected");
        proxy.join(clientId, targetId);
      });
    });
  };

  /** Passes bytes on both ways until one side ends. */
  TcpProxy.prototype.join = function (clientId, targetId) {
    var proxy = this;
    var up = new Pipe(clientId, targetId);
    var down = new Pipe(targetId, clientId);
    var open = true;

    up.onbytes = down.onbytes = function (count) {
      proxy.onbytes(count);
    };
    up.onend = down.onend = function () {
      if (open) {
        open = false;
        tcp.close(clientId, ignoreError);
        tcp.close(targetId, ignoreError);
        proxy.onlog("#" + clientId + " closed: " + up.bytes + " bytes up, " + down.bytes + " down");
      }
    };

    tcp.update(clientId, { bufferSize: 65536 }, ignoreError);
    tcp.setNoDelay(clientId, true, ignoreError);
    tcp.setNoDelay(targetId, true, ignoreError);
    tcp.setPaused(clientId, false, ignoreError);
  };

  /** Sends back to each client what it sends. */
  TcpProxy.listenEcho = function (address, port, callback) {
    listenTcp(
      address,
      port,
      function (clientId) {
        new Pipe(clientId, clientId).onend = function () {
          tcp.close(clientId, ignoreError);
        };
        tcp.setPaused(clientId, false, ignoreError);
      },
      callback,
    );
  };

  return TcpProxy;
})();

/**
 * Listens on a port and tells of accepted connections.
 *
 * @param {string} address An IP address.
 * @param {number} port 0 for any free one.
 * @param {function(number)} onAccept Gets the socket id of each connection, which is paused.
 * @param {function(?string, number=)} callback Gets an error text, or null and the port.
 */
function listenTcp(address, port, onAccept, callback) {
  "use strict";

  var tcpServer = chrome.sockets.tcpServer;

  tcpServer.create({}, function (createInfo) {
    if (chrome.runtime.lastError) {
      callback(chrome.runtime.lastError.message);
      return;
    }
    var socketId = createInfo.socketId;
    tcpServer.onAccept.addListener(function (info) {
      if (info.socketId === socketId) {
        onAccept(info.clientSocketId);
      }
    });
    tcpServer.onAcceptError.addListener(function (info) {
      if (info.socketId === socketId) {
        callback("Accepting connections failed with code " + info.resultCode);
      }
    });
    tcpServer.listen(socketId, address, port, function (result) {
      if (chrome.runtime.lastError || result < 0) {
        callback(chrome.runtime.lastError.message);
        return;
      }
      tcpServer.getInfo(socketId, function (info) {
        if (chrome.runtime.lastError) {
          callback(chrome.runtime.lastError.message);
          return;
        }
        callback(null, info.localPort);
      });
    });
  });
}

/**
 * Passes what arrives on one connected socket on to another, which may be the same one. While too much
 * waits to be sent, the source is paused, so its peer waits too.
 */
var Pipe = (function () {
  "use strict";

  var tcp = chrome.sockets.tcp;

  var HIGH_WATER = 256 * 1024; // Bytes that are on their way when the source is paused,
  var LOW_WATER = 64 * 1024; // and when it goes on.

  var pipes = {}; // By the socket id of the source.

  tcp.onReceive.addListener(function (info) {
    if (pipes[info.socketId]) {
      pipes[info.socketId].receive(info.data);
    }
  });

  tcp.onReceiveError.addListener(function (info) {
    if (pipes[info.socketId]) {
      pipes[info.socketId].receiveEnd();
    }
  });

  /**
   * @param {number} from
   * @param {number} to
   */
  function Pipe(from, to) {
    this.from = from;
    this.to = to;
    this.unsent = 0;
    this.bytes = 0; // In all.
    this.paused = false;
    this.ended = false;
    pipes[from] = this;
  }

  /** The source has ended and all its bytes were sent, or sending has failed. */
  Pipe.prototype.onend = function () {};

  /** Bytes have been passed on. */
  Pipe.prototype.onbytes = function (count) {};

  Pipe.prototype.receive = function (data) {
    var pipe = this;
    this.unsent += data.byteLength;
    if (this.unsent >= HIGH_WATER) {
      this.setPaused(true);
    }
    tcp.send(this.to, data, function (sendInfo) {
      pipe.unsent -= data.byteLength;
      if (chrome.runtime.lastError || sendInfo.resultCode < 0) {
        pipe.end();
        return;
      }
      pipe.bytes += sendInfo.bytesSent;
      pipe.onbytes(sendInfo.bytesSent);
      if (pipe.unsent <= LOW_WATER) {
        pipe.setPaused(false);
      }
      if (pipe.ended && pipe.unsent === 0) {
        pipe.end();
      }
    });
  };

  Pipe.prototype.receiveEnd = function () {
    this.ended = true;
    if (this.unsent === 0) {
      this.end();
    }
  };

  Pipe.prototype.setPaused = function (paused) {
    if (this.paused !== paused && pipes[this.from] === this && !this.ended) {
      this.paused = paused;
      tcp.setPaused(this.from, paused, function () {
        void chrome.runtime.lastError;
      });
    }
  };

  Pipe.prototype.end = function () {
    if (pipes[this.from] === this) {
      delete pipes[this.from];
      this.onend();
    }
  };

  return Pipe;
})();

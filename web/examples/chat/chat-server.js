/**
 * A chat server for nc and telnet, over chrome.sockets.tcpServer. Each line that somebody types goes to
 * everybody else; lines that begin with a slash are commands.
 */
var ChatServer = (function () {
  "use strict";

  var tcp = chrome.sockets.tcp;
  var tcpServer = chrome.sockets.tcpServer;

  var MAX_MEMBERS = 100;
  var MAX_LINE = 512; // Bytes.
  var MAX_UNSENT = 64 * 1024; // Bytes that may wait for a member who does not read.
  var NAME = /^[A-Za-z][A-Za-z0-9_-]{0,15}$/;
  var LF = 10;

  var HELP = [
    "/nick NAME   take another name",
    "/who         see who is here",
    "/me TEXT     say what you do",
    "/help        see this list",
    "/quit        leave",
  ];

  function str2ab(text) {
    return new TextEncoder().encode(text).buffer;
  }

  function ab2str(bytes) {
    return new TextDecoder().decode(bytes);
  }

  /** Text without what could disturb somebody's terminal. */
  function printable(text) {
    return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "");
  }

  function ignoreError() {
    void chrome.runtime.lastError;
  }

  /** Somebody who is connected. */
  function Member(socketId, name) {
    this.socketId = socketId;
    this.name = name;
    this.input = new Uint8Array(0); // The line that is not complete yet.
    this.unsent = 0;
  }

  Member.prototype.send = function (line) {
    var member = this;
    var data = str2ab(line + "\r\n");
    this.unsent += data.byteLength;
    tcp.send(this.socketId, data, function (sendInfo) {
      member.unsent -= data.byteLength;
      if (chrome.runtime.lastError || sendInfo.resultCode < 0) {
        return; // onReceiveError tells the rest.
      }
    });
  };

  function ChatServer() {
    this.socketId = null;
    this.members = {}; // By socket id.
    this.guests = 0;
  }

  // What the program may set:

  /** A line for the host's screen: what somebody said, or what happened. */
  ChatServer.prototype.onmessage = function (text) {};
  /** Somebody came, left or changed name. */
  ChatServer.prototype.onmembers = function (names) {};
  ChatServer.prototype.onerror = function (message) {};

  ChatServer.prototype.listen = function (address, port, callback) {
    var server = this;
    tcpServer.onAccept.addListener(function (info) {
      if (info.socketId === server.socketId) {
        server.accept(info.clientSocketId);
      }
    });
    tcpServer.onAcceptError.addListener(function (info) {
      if (info.socketId === server.socketId) {
        server.onerror("Accepting connections failed with code " + info.resultCode);
      }
    });
    tcp.onReceive.addListener(function (info) {
      if (server.members[info.socketId]) {
        server.receive(server.members[info.socketId], new Uint8Array(info.data));
      }
    });
    tcp.onReceiveError.addListener(function (info) {
      if (server.members[info.socketId]) {
        server.leave(server.members[info.socketId]);
      }
    });

    tcpServer.create({}, function (createInfo) {
      if (chrome.runtime.lastError) {
        callback(chrome.runtime.lastError.message);
        return;
      }
      server.socketId = createInfo.socketId;
      tcpServer.listen(server.socketId, address, port, function (result) {
        if (chrome.runtime.lastError || result < 0) {
          callback(chrome.runtime.lastError.message);
          return;
        }
        tcpServer.getInfo(server.socketId, function (info) {
          if (chrome.runtime.lastError) {
            callback(chrome.runtime.lastError.message);
            return;
          }
          callback(null, info.localPort);
        });
      });
    });
  };

  /** Says a line to everybody, in the name of the page. */
  ChatServer.prototype.say = function (text) {
    this.broadcast("<host> " + printable(text));
  };

  ChatServer.prototype.accept = function (socketId) {
    var member = new Member(socketId, "guest" + ++this.guests);
    if (this.everybody().length >= MAX_MEMBERS) {
      member.send("* The room is full.");
      tcp.close(socketId, ignoreError);
      return;
    }
    member.send("* Welcome. You are " + member.name + "; type /help for what you can do.");
    this.members[socketId] = member;
    this.broadcast("* " + member.name + " has come", member);
    this.membersChanged();
    tcp.setNoDelay(socketId, true, ignoreError);
    tcp.setPaused(socketId, false, ignoreError);
  };

  /** Takes bytes apart into lines. */
  ChatServer.prototype.receive = function (member, bytes) {
    var input = new Uint8Array(member.input.length + bytes.length);
    input.set(member.input);
    input.set(bytes, member.input.length);
    for (;;) {
      var end = input.indexOf(LF);
      if ((end < 0 ? input.length : end) > MAX_LINE) {
        member.send("* Lines may have " + MAX_LINE + " bytes. Goodbye.");
        this.leave(member);
        return;
      }
      if (end < 0) {
        member.input = input;
        return;
      }
      this.command(member, printable(ab2str(input.subarray(0, end))).trim());
      if (!this.members[member.socketId]) {
        return;
      }
      input = input.subarray(end + 1);
    }
  };

  ChatServer.prototype.command = function (member, line) {
    var words = /^\/(\S*)\s*(.*)$/.exec(line);
    if (line === "") {
      return;
    }
    if (!words) {
      this.broadcast("<" + member.name + "> " + line, member);
      return;
    }
    switch (words[1].toLowerCase()) {
      case "nick":
        this.rename(member, words[2]);
        break;
      case "who":
        member.send("* " + this.names().join(", "));
        break;
      case "me":
        this.broadcast("* " + member.name + " " + words[2], member);
        break;
      case "help":
        HELP.forEach(function (text) {
          member.send("* " + text);
        });
        break;
      case "quit":
        member.send("* Goodbye.");
        this.leave(member);
        break;
      default:
        member.send("* There is no such command. Type /help.");
    }
  };

  ChatServer.prototype.rename = function (member, name) {
    var taken = this.names()
      .concat("host")
      .some(function (other) {
        return other.toLowerCase() === name.toLowerCase();
      });
    if (!NAME.test(name)) {
      member.send("* A name has 1 to 16 letters, digits, - or _, a letter first.");
    } else if (taken) {
      member.send("* " + name + " is taken.");
    } else {
      this.broadcast("* " + member.name + " is now " + name);
      member.name = name;
      this.membersChanged();
    }
  };

  /** Closes the socket; what was sent to the member before still arrives. */
  ChatServer.prototype.leave = function (member) {
    delete this.members[member.socketId];
    tcp.close(member.socketId, ignoreError);
    this.broadcast("* " + member.name + " has left");
    this.membersChanged();
  };

  /** Sends a line to everybody but one, and shows it to the host. */
  ChatServer.prototype.broadcast = function (line, except) {
    var server = this;
    this.onmessage(line);
    this.everybody().forEach(function (member) {
      if (member === except || !server.members[member.socketId]) {
        return;
      }
      if (member.unsent > MAX_UNSENT) {
        server.leave(member);
      } else {
        member.send(line);
      }
    });
  };

  ChatServer.prototype.everybody = function () {
    var members = this.members;
    return Object.keys(members).map(function (socketId) {
      return members[socketId];
    });
  };

  ChatServer.prototype.names = function () {
    return this.everybody().map(function (member) {
      return member.name;
    });
  };

  ChatServer.prototype.membersChanged = function () {
    this.onmembers(this.names());
  };

  return ChatServer;
})();

/**
 * The vocabulary of test pages, on Chrome's namespaces. A classic script, so that it also runs where
 * a Chrome App's script would: in pages, and in workers through importScripts.
 */
globalThis.kit = (function () {
  const { tcp, tcpServer } = chrome.sockets;

  /** Calls a method with a callback. Gives what the callback was given, and lastError's message. */
  function call(method, ...args) {
    return new Promise((resolve) => {
      method(...args, (...results) => {
        const { lastError } = chrome.runtime;
        resolve({ args: results, error: lastError && lastError.message });
      });
    });
  }

  /** As `call`, but gives the first argument, and throws if the call failed. */
  async function get(method, ...args) {
    const { args: results, error } = await call(method, ...args);
    if (error) throw new Error(`${method.name}: ${error}`);
    return results[0];
  }

  /** What an event has told and will tell, one by one: `next()` waits for it. */
  function queue(event, matches = () => true) {
    const infos = [];
    const waiting = [];
    event.addListener((info) => {
      if (!matches(info)) return;
      if (waiting.length > 0) waiting.shift()(info);
      else infos.push(info);
    });
    return {
      infos,
      next: () =>
        infos.length > 0
          ? Promise.resolve(infos.shift())
          : new Promise((resolve) => waiting.push(resolve)),
    };
  }

  /** A listening server. `accepted()` waits for the next connection and gives its id. */
  async function listen(address = '127.0.0.1', port = 0, backlog = undefined) {
    const { socketId } = await get(tcpServer.create, {});
    const accepts = queue(tcpServer.onAccept, (info) => info.socketId === socketId);
    await get(tcpServer.listen, socketId, address, port, backlog);
    const { localPort } = await get(tcpServer.getInfo, socketId);
    return {
      socketId,
      port: localPort,
      accepted: async () => (await accepts.next()).clientSocketId,
    };
  }

  /** Listens and runs `serve` with the id of each connection, from within onAccept. */
  async function listenFor(serve, address = '127.0.0.1', port = 0) {
    const { socketId } = await get(tcpServer.create, {});
    tcpServer.onAccept.addListener((info) => {
      if (info.socketId === socketId) serve(info.clientSocketId);
    });
    await get(tcpServer.listen, socketId, address, port);
    const { localPort } = await get(tcpServer.getInfo, socketId);
    return { socketId, port: localPort };
  }

  /** Everything that a stream receives from now on. */
  function receive(socketId) {
    const chunks = [];
    const waiting = [];
    const state = {
      chunks,
      length: 0,
      /** Gives the resultCode of onReceiveError. */
      ended: new Promise((resolve) => {
        tcp.onReceiveError.addListener((info) => {
          if (info.socketId === socketId) resolve(info.resultCode);
        });
      }),
      /** Waits until there are so many bytes in all. */
      reaches: (length) =>
        state.length >= length
          ? Promise.resolve()
          : new Promise((resolve) => waiting.push({ length, resolve })),
      bytes: () => concat(chunks),
      text: () => new TextDecoder().decode(concat(chunks)),
    };
    tcp.onReceive.addListener((info) => {
      if (info.socketId !== socketId) return;
      chunks.push(info.data);
      state.length += info.data.byteLength;
      for (let i = waiting.length - 1; i >= 0; i--) {
        if (state.length >= waiting[i].length) waiting.splice(i, 1)[0].resolve();
      }
    });
    return state;
  }

  /** Sends back what each stream of a server receives, and closes a stream when its peer ends. */
  async function echo(properties = {}) {
    const ids = new Set();
    tcp.onReceive.addListener(({ socketId, data }) => {
      if (ids.has(socketId)) tcp.send(socketId, data, () => void chrome.runtime.lastError);
    });
    tcp.onReceiveError.addListener(({ socketId }) => {
      if (ids.delete(socketId)) tcp.close(socketId, () => void chrome.runtime.lastError);
    });
    return listenFor((id) => {
      ids.add(id);
      tcp.update(id, properties, () => void chrome.runtime.lastError);
      tcp.setPaused(id, false, () => void chrome.runtime.lastError);
    });
  }

  function concat(chunks) {
    const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(new Uint8Array(chunk), at);
      at += chunk.byteLength;
    }
    return bytes;
  }

  function utf8(text) {
    return new TextEncoder().encode(text).buffer;
  }

  /** Bytes that nothing else has. */
  function randomBytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536)
      crypto.getRandomValues(bytes.subarray(at, at + 65536));
    return bytes;
  }

  async function sha256(bytes) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  return { call, get, queue, listen, listenFor, receive, echo, concat, utf8, randomBytes, sha256 };
})();

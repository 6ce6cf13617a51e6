/**
 * The page's part of the figures. A trial is started with `bench.start(role, url, options)`: the role
 * is played by a program on `chrome.sockets`, or, with the URL of a bare WebSocket, by one that does the
 * same on that. A classic script, as a Chrome App's would be.
 */
globalThis.bench = (function () {
  const { tcp, tcpServer } = chrome.sockets;

  /** Bare programs keep this much in the browser's queue. */
  const QUEUED = 4 << 20;
  const QUEUED_SMALL = 256 << 10;

  /** Ends the trial that is under way. */
  let stop = () => {};
  /** What the trial that is under way gives. */
  let result;

  /** Counts what comes between a third of `seconds` from now and as long as `seconds` after that. */
  function counter(seconds) {
    const counter = { count: 0 };
    counter.rate = (async () => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 333));
      const before = counter.count;
      const begin = performance.now();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return ((counter.count - before) / (performance.now() - begin)) * 1000;
    })();
    return counter;
  }

  /** Gives the rate of `pieces` pieces: `next` is called for each, and then once more. */
  function stopwatch(pieces) {
    const begin = performance.now();
    let left = pieces;
    let done;
    const rate = new Promise((resolve) => (done = resolve));
    return {
      rate,
      more: () => {
        if (left-- > 0) return true;
        done((pieces / (performance.now() - begin)) * 1000);
        return false;
      },
    };
  }

  /** Programs on chrome.sockets: listeners for a trial with one server. */
  const ours = {
    /** Counts the bytes that arrive. */
    sink({ seconds, bufferSize }) {
      const counted = counter(seconds);
      result = counted.rate;
      return {
        onAccept: (id) => {
          if (bufferSize) tcp.update(id, { bufferSize });
          tcp.setPaused(id, false);
        },
        onReceive: ({ data }) => (counted.count += data.byteLength),
      };
    },
    /** Sends as fast as it can, `inFlight` messages at a time. */
    source({ size, inFlight }) {
      const { buffer } = new Uint8Array(size);
      return {
        onAccept: (id) => {
          const next = (info) => {
            if (info?.resultCode === 0) tcp.send(id, buffer, next);
            else void chrome.runtime.lastError; // the trial has ended
          };
          for (let i = 0; i < inFlight; i++) tcp.send(id, buffer, next);
        },
      };
    },
    /** Gives back what arrives. */
    echo() {
      return {
        onAccept: (id) => tcp.setPaused(id, false),
        onReceive: ({ socketId, data }) => tcp.send(socketId, data, () => {}),
      };
    },
    /** Answers what arrives, and closes when the answer is sent. */
    serve() {
      return {
        onAccept: (id) => tcp.setPaused(id, false),
        onReceive: ({ socketId, data }) => tcp.send(socketId, data, () => tcp.close(socketId)),
      };
    },
    /** Sends a file in pieces, each after the callback of the one before. */
    pieces({ size, pieces }) {
      const { buffer } = new Uint8Array(size);
      let done;
      result = new Promise((resolve) => (done = resolve));
      return {
        onAccept: (id) => {
          const watch = stopwatch(pieces);
          done(watch.rate);
          const next = () => watch.more() && tcp.send(id, buffer, next);
          next();
        },
      };
    },
    /** Calls getInfo, again and again. */
    info({ seconds }) {
      const counted = counter(seconds);
      result = counted.rate;
      return {
        onAccept: (id) => {
          const next = (info) => {
            if (!info) return void chrome.runtime.lastError;
            counted.count++;
            tcp.getInfo(id, next);
          };
          tcp.getInfo(id, next);
        },
      };
    },
  };

  /** The same on an open WebSocket. */
  const bare = {
    sink(socket, { seconds }) {
      const counted = counter(seconds);
      result = counted.rate;
      socket.onmessage = ({ data }) => (counted.count += data.byteLength);
    },
    source(socket, { size }) {
      const { buffer } = new Uint8Array(size);
      const queued = size < 4096 ? QUEUED_SMALL : QUEUED;
      (function pump() {
        if (socket.readyState !== WebSocket.OPEN) return;
        while (socket.bufferedAmount < queued) socket.send(buffer);
        setTimeout(pump);
      })();
    },
    echo(socket) {
      socket.onmessage = ({ data }) => socket.send(data);
    },
    pieces(socket, { size, pieces }) {
      const { buffer } = new Uint8Array(size);
      const watch = stopwatch(pieces);
      result = watch.rate;
      const next = () => watch.more() && socket.send(buffer);
      socket.onmessage = next;
      next();
    },
    info(socket, { seconds }) {
      const counted = counter(seconds);
      result = counted.rate;
      const text = '{"jsonrpc":"2.0","id":12345,"method":"tcp.getInfo","params":[12345]}';
      socket.onmessage = () => {
        counted.count++;
        socket.send(text);
      };
      socket.send(text);
    },
  };

  /** Listens on a free port. Gives its address. */
  async function serve(program) {
    const { socketId } = await tcpServer.create();
    const streams = new Set();
    const onAccept = ({ clientSocketId }) => {
      streams.add(clientSocketId);
      program.onAccept(clientSocketId);
    };
    const onReceive = program.onReceive ?? (() => {});
    const onReceiveError = ({ socketId: id }) => {
      streams.delete(id);
      tcp.close(id, () => void chrome.runtime.lastError);
    };
    tcpServer.onAccept.addListener(onAccept);
    tcp.onReceive.addListener(onReceive);
    tcp.onReceiveError.addListener(onReceiveError);
    stop = async () => {
      await tcpServer.close(socketId);
      tcpServer.onAccept.removeListener(onAccept);
      tcp.onReceive.removeListener(onReceive);
      tcp.onReceiveError.removeListener(onReceiveError);
      await Promise.all([...streams].map((id) => tcp.close(id).catch(() => {})));
    };
    await new Promise((resolve, reject) => {
      tcpServer.listen(socketId, '127.0.0.1', 0, 1024, (code) => {
        if (code === 0) resolve();
        else reject(new Error(chrome.runtime.lastError.message));
      });
    });
    const { localPort } = await tcpServer.getInfo(socketId);
    return `127.0.0.1:${localPort}`;
  }

  /** Opens a WebSocket. */
  async function open(url) {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no WebSocket at ${url}`));
    });
    stop = () =>
      new Promise((resolve) => {
        if (socket.readyState === WebSocket.CLOSED) resolve();
        socket.onclose = resolve;
        socket.onmessage = null;
        socket.close();
      });
    return socket;
  }

  return {
    /** Begins a trial. Gives the address for the peer; none if that has to wait for a WebSocket. */
    async start(role, url, options) {
      result = undefined;
      if (!url) return serve(ours[role](options));
      bare[role](await open(url), options);
      return '';
    },
    /** Waits for what the trial gives, if the page measures it. */
    result: () => result,
    stop: () => stop(),
  };
})();

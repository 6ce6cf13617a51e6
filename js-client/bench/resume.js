/**
 * The page's part of the resume figure: how long it takes from a new connection to the first byte that comes
 * back from the peer, for a session that goes on and for a bare WebSocket. A classic script.
 */
globalThis.resume = (function () {
  /** A close code that says nothing to the gateway. */
  const CUT = 3999;

  let client;
  /** The last WebSocket of `client`, and when it was made. */
  let socket;
  let madeAt = 0;
  let streamId;

  class NotedWebSocket extends WebSocket {
    constructor(url, protocol) {
      const now = performance.now();
      super(url, protocol);
      socket = this;
      madeAt = now;
    }
  }

  /** Gives the next byte's time of arrival. */
  function firstByte() {
    return new Promise((resolve) => {
      const { onReceive } = client.tcp;
      onReceive.addListener(function received() {
        onReceive.removeListener(received);
        resolve(performance.now());
      });
    });
  }

  return {
    /** Begins a session with one server. Gives its address. */
    async begin() {
      client = socketgate.connect(undefined, {
        WebSocket: NotedWebSocket,
        scope: 'none',
        backoff: () => 0,
      });
      const { tcp, tcpServer } = client;
      const { socketId } = await tcpServer.create();
      await tcpServer.listen(socketId, '127.0.0.1', 0);
      tcpServer.onAccept.addListener(({ clientSocketId }) => {
        streamId = clientSocketId;
        void tcp.setPaused(streamId, false);
      });
      return `127.0.0.1:${(await tcpServer.getInfo(socketId)).localPort}`;
    },
    /** Whether the peer is there. */
    ready: () => streamId !== undefined,
    /** Breaks the connection. Gives the microseconds from the next one to the first byte from the peer. */
    async measure() {
      socket.close(CUT);
      const arrival = firstByte();
      await client.tcp.send(streamId, new Uint8Array(1));
      return ((await arrival) - madeAt) * 1000;
    },
    async end() {
      streamId = undefined;
      await client.close();
    },
    /** The same for a fresh WebSocket, whose other end gives back what it gets. */
    async measureBare(url) {
      const begin = performance.now();
      const bare = new WebSocket(url);
      await new Promise((resolve, reject) => {
        bare.onerror = () => reject(new Error(`no WebSocket at ${url}`));
        bare.onopen = () => bare.send(new Uint8Array(1));
        bare.onmessage = resolve;
      });
      const micros = (performance.now() - begin) * 1000;
      await new Promise((resolve) => {
        bare.onclose = resolve;
        bare.close();
      });
      return micros;
    },
  };
})();

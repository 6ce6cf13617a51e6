/**
 * A program whose connection to the gateway is cut again and again, and that must not notice. It keeps account of
 * each call and event; streams carry sequences, so that each byte is known. A classic script, behind kit.js.
 */
globalThis.cuts = (function () {
  const { tcp, tcpServer } = chrome.sockets;

  /** What should not have happened. */
  const failures = [];
  /** Streams by id, those that are closed too. */
  const streams = new Map();
  /** Streams whose connection is over, by the port of the peer. */
  const outcomes = {};
  let servers = [];
  let calls = 0;
  let answers = 0;

  const fail = (what) => void failures.push(what);

  /** Calls a method that must succeed and must call back once. */
  function call(method, ...args) {
    calls++;
    return new Promise((resolve) => {
      let called = 0;
      method(...args, (result) => {
        const { lastError } = chrome.runtime;
        if (lastError) fail(`${method.name}: ${lastError.message}`);
        if (called++ > 0) fail(`${method.name} calls back twice`);
        answers++;
        resolve(result);
      });
    });
  }

  tcpServer.onAcceptError.addListener((info) => fail(`onAcceptError ${JSON.stringify(info)}`));

  tcpServer.onAccept.addListener(({ socketId, clientSocketId: id }) => {
    if (!servers.includes(socketId)) fail(`server ${socketId} is unknown`);
    if (id !== streams.size + 1) fail(`stream ${id} is accepted behind ${streams.size}`);
    const stream = { id, received: 0, sent: 0, ends: 0, wake: () => {} };
    streams.set(id, stream);
    void serve(stream);
  });

  tcp.onReceive.addListener(({ socketId, data }) => {
    const stream = streams.get(socketId);
    if (!stream?.down) return fail(`stream ${socketId} receives and should not`);
    if (stream.held || stream.ends > 0) fail(`stream ${socketId} receives and is held or ended`);
    const bytes = new Uint8Array(data);
    const fault = stream.down.fault(stream.received, bytes);
    if (fault) fail(`stream ${socketId}: ${fault}`);
    stream.received += bytes.length;
    stream.wake();
  });

  tcp.onReceiveError.addListener(({ socketId, resultCode }) => {
    const stream = streams.get(socketId);
    if (resultCode !== -100 || !stream) return fail(`stream ${socketId} ends with ${resultCode}`);
    stream.ends++;
    stream.wake();
  });

  /** Waits until something about a stream holds. */
  async function until(stream, holds) {
    while (!holds()) await new Promise((resolve) => (stream.wake = resolve));
  }

  /** Sends and receives until the peer ends, or has enough of it. */
  async function serve(stream) {
    const { seeded } = await import('/random.js');
    const { sequencesOf } = await import('/sequence.js');
    const { id } = stream;
    const { peerPort, localPort } = await call(tcp.getInfo, id);
    Object.assign(stream, sequencesOf(peerPort, localPort));
    const random = seeded(peerPort);
    const sizes = [1, 100, 5000, 70_000, 400_000];
    await call(tcp.update, id, { bufferSize: 1 + random(70_000) });
    await call(tcp.setPaused, id, false);
    const sending = [];
    for (let turn = random(20); turn > 0 && stream.ends === 0; turn--) {
      const length = random(sizes[random(sizes.length)]);
      sending.push(send(stream, length));
      const choice = random(6);
      if (choice === 0) await sending.at(-1);
      if (choice === 1) await pause(stream);
      if (choice === 2) await compare(stream);
    }
    await (peerPort % 2 ? leave(stream) : until(stream, () => stream.ends > 0));
    await Promise.all(sending);
    if (peerPort % 2 === 0) await call(tcp.close, id);
    outcomes[peerPort] = { received: stream.received, sent: stream.sent, ends: stream.ends };
  }

  async function send(stream, length) {
    const { id, sent } = stream;
    stream.sent += length;
    const bytes = stream.up.bytes(sent, sent + length);
    const result = await call(tcp.send, id, bytes);
    if (result.bytesSent !== length) fail(`${result.bytesSent} of ${length} bytes are sent`);
  }

  async function pause(stream) {
    stream.held = true;
    await call(tcp.setPaused, stream.id, true);
    await call(tcp.getInfo, stream.id);
    stream.held = false;
    await call(tcp.setPaused, stream.id, false);
  }

  async function compare({ id }) {
    const ids = (await call(tcp.getSockets)).map(({ socketId }) => socketId);
    if (!ids.includes(id)) fail(`getSockets does not show ${id}`);
    const { socketId } = await call(tcp.getInfo, id);
    if (socketId !== id) fail(`getInfo of ${id} tells of ${socketId}`);
  }

  /** Closes a stream in the middle. It is read, so it tells of its end. */
  async function leave(stream) {
    await call(tcp.close, stream.id);
    await until(stream, () => stream.ends > 0);
  }

  return {
    failures,
    outcomes,
    /** Listens on as many ports; gives them. */
    async listen(count) {
      const ports = [];
      for (let i = 0; i < count; i++) {
        const { socketId } = await call(tcpServer.create, {});
        servers.push(socketId);
        await call(tcpServer.listen, socketId, '127.0.0.1', 0);
        ports.push((await call(tcpServer.getInfo, socketId)).localPort);
      }
      return ports;
    },
    /** Closes the servers. Gives what is left, which should be nothing. */
    async finish(ports) {
      for (const [i, socketId] of servers.entries()) {
        const { localPort } = await call(tcpServer.getInfo, socketId);
        if (localPort !== ports[i]) fail(`port ${ports[i]} has become ${localPort}`);
        await call(tcpServer.close, socketId);
      }
      const left = [...(await call(tcpServer.getSockets)), ...(await call(tcp.getSockets))];
      for (const { id, ends } of streams.values()) {
        if (ends !== 1) fail(`stream ${id} has told of its end ${ends} times`);
      }
      return { left, failures, unanswered: calls - answers };
    },
  };
})();

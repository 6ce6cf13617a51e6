/** Programs in Node: which WebSocket they use, and the origin that they name. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { connect } from '../../src/index.js';
import { useGateway } from '../gateway.js';
import { Peer } from '../peer.js';

const gateway = useGateway();

/** An echo server as the README has it. It ends when its standard input does. */
const PROGRAM = `
  import { connect } from '${new URL('../../src/index.js', import.meta.url)}';
  const client = connect(process.argv[1]);
  const { tcpServer, tcp } = client;
  const { socketId } = await tcpServer.create();
  await tcpServer.listen(socketId, '127.0.0.1', 0);
  tcpServer.onAccept.addListener(({ clientSocketId }) => tcp.setPaused(clientSocketId, false));
  tcp.onReceive.addListener(({ socketId, data }) => tcp.send(socketId, data));
  console.log((await tcpServer.getInfo(socketId)).localPort);
  process.stdin.on('end', () => client.close()).resume();
`;

/** Node 20 has its WebSocket behind a flag; it is the one of Node 22. */
const FLAGS = globalThis.WebSocket ? [] : ['--experimental-websocket'];

test("a program with Node's own WebSocket serves, and ends by itself", async () => {
  const args = [...FLAGS, '--input-type=module', '--eval', PROGRAM, gateway.url];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const port = Number(await once(child.stdout, 'data'));
  assert.ok(port > 0, 'it should tell its port');
  const peer = await Peer.connect(port);
  const content = 'echo '.repeat(100_000);
  peer.write(content);
  assert.equal(await peer.read(content.length), content);
  peer.end();
  child.stdin.end();
  assert.deepEqual(await exited, [0, null]);
});

/**
 * @param {string} [origin]
 * @returns {Promise<string>} The state of a client behind its first attempt.
 */
async function attempt(origin) {
  const client = connect(gateway.url, { WebSocket, origin });
  /** @type {string} */
  const state = await new Promise((resolve) => {
    client.onStateChange.addListener((change) => {
      if (change.state !== 'connecting') resolve(change.state);
    });
  });
  await client.close();
  return state;
}

test('the WebSocket of ws, as it is; the gateway looks at the origin', async () => {
  assert.equal(await attempt(), 'open');
  assert.equal(await attempt('https://app.localhost:8080'), 'open');
  assert.notEqual(await attempt('https://example.com'), 'open');
});

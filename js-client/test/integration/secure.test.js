/** `secure`, against servers with TLS and others. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { after, before, test } from 'node:test';
import { makeCertificate } from '../certificate.js';
import { startGateway, useGateway } from '../gateway.js';
import { onPage } from '../page.js';

/** @import { AddressInfo, Socket } from 'node:net' */
/** @import { Page } from '../page.js' */

const certificate = makeCertificate();
let folder = '';

/** A gateway that knows the certificate, and one that does not. */
const trusting = useGateway(async () => {
  folder = await mkdtemp(join(tmpdir(), 'socketgate-ca-'));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate.cert);
  return startGateway(['--ca', ca]);
});
const ordinary = useGateway();
after(() => rm(folder, { recursive: true, force: true }));

/**
 * A server for the tests of this file.
 *
 * @param {(socket: Socket) => void} serve
 * @returns {{ port: number }}
 */
function useServer(serve) {
  const place = { port: 0 };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    place.port = /** @type {AddressInfo} */ (server.address()).port;
  });
  after(() => server.close());
  return place;
}

/** @param {Socket} socket Echoes what comes over TLS. */
function echo(socket) {
  const secured = new TLSSocket(socket, { isServer: true, ...certificate });
  secured.on('error', () => {}); // Of clients that do not trust the certificate.
  secured.pipe(secured);
}

const tls = useServer(echo);
const plain = useServer((socket) => socket.end('220 no TLS here\r\n'));
const closing = useServer((socket) => socket.once('data', () => socket.end()));

/**
 * @param {Page} page
 * @param {{ port: number }} server
 * @param {string} [host]
 * @returns {Promise<number>} A connected, paused stream.
 */
async function connect(page, { port }, host = '127.0.0.1') {
  const { socketId } = await page.tcp.create();
  await page.tcp.setPaused(socketId, true);
  assert.deepEqual(await page.call(page.tcp.connect, socketId, host, port), [0]);
  return socketId;
}

/**
 * @param {Page} page
 * @param {number} id
 */
async function isGone(page, id) {
  assert.deepEqual(await page.call(page.tcp.getInfo, id), ['Socket not found']);
}

/**
 * Sends and receives over a stream that was secured.
 *
 * @param {Page} page
 * @param {number} id
 */
async function talk(page, id) {
  await page.tcp.setPaused(id, false);
  const content = 'over TLS '.repeat(50_000);
  assert.deepEqual(await page.send(id, content), [{ bytesSent: content.length, resultCode: 0 }]);
  assert.equal(await page.received(id, content.length), content);
}

for (const host of ['127.0.0.1', 'localhost']) {
  test(
    `secure: TLS with ${host}, both ways`,
    onPage(trusting, async (page) => {
      const id = await connect(page, tls, host);
      assert.deepEqual(await page.call(page.tcp.secure, id), [0]);
      assert.equal((await page.tcp.getInfo(id)).paused, true);
      await talk(page, id);
      assert.deepEqual(await page.call(page.tcp.secure, id), [
        -4,
        'Socket must be a connected client TCP socket.',
      ]);
    }),
  );
}

test(
  'secure: versions; too old ones are raised, unknown ones ignored',
  onPage(trusting, async (page) => {
    for (const tlsVersion of [
      { min: 'tls1.3' },
      { min: 'tls1', max: 'tls1.2' },
      { min: 'tls1.1', max: 'bogus' },
      {},
      null,
    ]) {
      const id = await connect(page, tls);
      assert.deepEqual(await page.call(page.tcp.secure, id, { tlsVersion }), [0]);
    }
  }),
);

test(
  'secure: a certificate that nobody vouches for is -202, and the stream is gone',
  onPage(ordinary, async (page) => {
    const id = await connect(page, tls);
    assert.deepEqual(await page.call(page.tcp.secure, id), [
      -202,
      'net::ERR_CERT_AUTHORITY_INVALID',
    ]);
    await isGone(page, id);
    await page.quiet('onReceiveError');
  }),
);

test(
  'secure: a server without TLS is -107, one that closes is -100',
  onPage(ordinary, async (page) => {
    const first = await connect(page, plain);
    assert.deepEqual(await page.call(page.tcp.secure, first), [
      -107,
      'net::ERR_SSL_PROTOCOL_ERROR',
    ]);
    const second = await connect(page, closing);
    assert.deepEqual(await page.call(page.tcp.secure, second), [
      -100,
      'net::ERR_CONNECTION_CLOSED',
    ]);
    await isGone(page, first);
    await isGone(page, second);
  }),
);

test(
  'secure: an unpaused stream is -2, gone, and raises -100 behind the callback',
  onPage(trusting, async (page) => {
    const id = await connect(page, tls);
    await page.tcp.setPaused(id, false);
    page.tcp.secure(id, (/** @type {number} */ result) => page.note('secured', result));
    await page.event('onReceiveError', 1, id);
    assert.deepEqual(
      page.log.map(({ name, info }) => [name, info.resultCode ?? info]),
      [
        ['secured', -2],
        ['onReceiveError', -100],
      ],
    );
    await isGone(page, id);
  }),
);

test(
  'secure: a stream that is not connected is -4, and stays',
  onPage(ordinary, async (page) => {
    const { socketId } = await page.tcp.create();
    assert.deepEqual(await page.call(page.tcp.secure, socketId), [-4, 'Socket not connected']);
    assert.equal((await page.tcp.getInfo(socketId)).connected, false);
  }),
);

test(
  'ours: secure of an accepted stream',
  onPage(trusting, async (page) => {
    const { port } = await page.listen();
    const socket = dial(port, '127.0.0.1');
    echo(socket);
    const { clientSocketId } = await page.event('onAccept');
    assert.deepEqual(await page.call(page.tcp.secure, clientSocketId), [0]);
    await talk(page, clientSocketId);
    socket.destroy();
  }),
);

test(
  'secure: the promise face',
  onPage(ordinary, async (page) => {
    const id = await connect(page, tls);
    await assert.rejects(page.client.tcp.secure(id), { name: 'SocketError', code: -202 });
  }),
);

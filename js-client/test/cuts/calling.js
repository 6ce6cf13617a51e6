/** A program that makes calls of all kinds, many of them wrong, on sockets over which nothing goes. */

import { NOT_FOUND } from './program.js';
import { ServerModel } from './server-model.js';
import { StreamModel } from './stream-model.js';

/** @import { Program } from './program.js' */
/** @import { Random } from './plan.js' */

const VOID = { result: undefined };
const ADDRESS = '127.0.0.1';
const FAILED = { code: -2 };
const INVALID_ARGUMENT = { code: -4 };
const NOT_CONNECTED = { code: -15 };

/** An id that is never given out. */
const NO_ID = 123_456_789;

/** What a program may do. @type {((program: Program, random: Random) => Promise<void>)[]} */
const SCRIPTS = [useServer, useServer, useStream, useNothing, compareSockets];

/**
 * @param {Program} program
 * @param {Random} random
 */
export async function call(program, random) {
  for (let turns = 1 + random(8); turns > 0; turns--) {
    await SCRIPTS[random(SCRIPTS.length)](program, random);
  }
}

/** Calls in a row without waiting: each changes what the next one sees. @type {typeof SCRIPTS[number]} */
async function useServer(program, random) {
  const { socketId: id } = await program.get('tcpServer.create');
  const server = new ServerModel(program, id);
  program.addServer(server);
  const calls = [
    program.expect(INVALID_ARGUMENT, 'tcpServer.listen', id, 'localhost', 0),
    program.expect(INVALID_ARGUMENT, 'tcpServer.listen', id, ADDRESS, 70_000),
  ];
  /** Turns whose calls were answered. @type {number[]} */
  const answered = [];
  for (let turn = 0; turn < random(20); turn++) {
    const name = `${turn} ${'x'.repeat(random(200))}`;
    const paused = random(2) === 0;
    const info = { name, paused, persistent: false, socketId: id };
    calls.push(
      program.expect(VOID, 'tcpServer.update', id, { name }),
      program.expect(VOID, 'tcpServer.setPaused', id, paused),
      program.expect({ result: info }, 'tcpServer.getInfo', id).then(() => answered.push(turn)),
    );
  }
  server.closing = true;
  calls.push(
    program.expect(VOID, 'tcpServer.close', id).then(() => (server.closed = true)),
    program.expect(NOT_FOUND, 'tcpServer.getInfo', id),
  );
  await Promise.all(calls);
  if (answered.some((turn, i) => turn !== i)) program.fail(`answers in the order ${answered}`);
}

/** A stream that is never connected. @type {typeof SCRIPTS[number]} */
async function useStream(program, random) {
  const { socketId: id } = await program.get('tcp.create');
  const stream = new StreamModel(program, id);
  program.addStream(stream);
  const paused = random(2) === 0;
  await Promise.all([
    program.expect(NOT_CONNECTED, 'tcp.send', id, new Uint8Array(random(100))),
    program.expect(FAILED, 'tcp.setKeepAlive', id, true),
    program.expect(FAILED, 'tcp.setNoDelay', id, true),
    program.expect(VOID, 'tcp.setPaused', id, (stream.paused = paused)),
    program.expect(VOID, 'tcp.disconnect', id),
    program.expect({ result: stream.info }, 'tcp.getInfo', id),
  ]);
  stream.closing = true;
  await program.expect(VOID, 'tcp.close', id);
  stream.closed = true;
  await program.expect(NOT_FOUND, 'tcp.close', id);
}

/** Sockets that do not exist. @type {typeof SCRIPTS[number]} */
async function useNothing(program, random) {
  const calls = /** @type {[string, ...unknown[]][]} */ ([
    ['tcp.close', NO_ID],
    ['tcp.setPaused', NO_ID, random(2) === 0],
    ['tcp.send', NO_ID, new Uint8Array(random(100_000))],
    ['tcp.connect', NO_ID, ADDRESS, 1],
    ['tcp.getInfo', -1],
    ['tcpServer.listen', NO_ID, ADDRESS, 0],
    ['tcpServer.disconnect', 0],
    ['tcpServer.update', NO_ID, { name: 'nothing' }],
  ]);
  await Promise.all(calls.map(([method, ...args]) => program.expect(NOT_FOUND, method, ...args)));
}

/** getSockets knows all that there is, and nothing that is gone. @type {typeof SCRIPTS[number]} */
async function compareSockets(program, random) {
  const tcp = random(2) === 0;
  const method = tcp ? 'tcp.getSockets' : 'tcpServer.getSockets';
  const models = tcp ? program.streams : program.servers;
  const before = [...models.values()];
  const there = before.filter(({ closing }) => !closing);
  const gone = before.filter(({ closed }) => closed);
  const infos = await program.get(method);
  const shown = new Set(infos.map((/** @type {any} */ { socketId }) => socketId));
  if (shown.size < infos.length) program.fail(`${method} shows a socket twice`);
  for (const model of gone) if (shown.has(model.id)) program.fail(`${method} shows ${model}`);
  for (const model of there) {
    if (!model.closing && !shown.has(model.id)) program.fail(`${method} does not show ${model}`);
  }
}

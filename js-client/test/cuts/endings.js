/** The ways in which the connection of a stream comes to its end, and what each of them must show. */

import { NOT_FOUND } from './program.js';

/** @import { Talk } from './talk.js' */

/** What a method without a result gives. */
const VOID = { result: undefined };

/**
 * One that leaves the stream's id, not connected, or closed if `closes`.
 *
 * @typedef {(talk: Talk, closes: boolean) => Promise<void>} Ending
 */

/** The page ends it when everything has been sent and received. @type {Ending} */
async function pageEnds(talk, closes) {
  await talk.run();
  if (talk.random(3) === 0) await talk.setPaused(true);
  await leave(talk, closes);
}

/** The page ends it in the middle; what it has sent arrives nevertheless. @type {Ending} */
async function pageBreaksOff(talk, closes) {
  await talk.run(false);
  if (talk.random(3) === 0) await talk.setPaused(true);
  await leave(talk, closes);
}

/** The peer ends its direction; what was sent before the page was told arrives. @type {Ending} */
async function peerEnds(talk, closes) {
  const { peer, random, stream } = talk;
  await talk.run(false);
  await talk.peerSent();
  const held = random(3) === 0;
  if (held) await talk.setPaused(true);
  stream.peerEnds();
  peer.end();
  if (held) {
    await talk.checkInfo();
    await talk.setPaused(false);
  }
  while (stream.ends === 0) await talk.send(random(3000));
  await told(talk);
  await peer.finish(stream.sent);
  await remove(talk, closes);
}

/** The peer ends its direction, and the page goes on. @type {Ending} */
async function peerHalfCloses(talk, closes) {
  const { peer, stream } = talk;
  await talk.update({ allowHalfOpen: true });
  await talk.run(false);
  await talk.peerSent();
  stream.peerEnds();
  peer.end();
  await stream.ended();
  await talk.checkInfo();
  void talk.send(1 + talk.random(100_000));
  await leave(talk, closes);
  if (!closes) await talk.update({ allowHalfOpen: false });
}

/** The peer vanishes in the middle. @type {Ending} */
async function peerResets(talk, closes) {
  const { peer, stream } = talk;
  await talk.run(false);
  // A stream that the gateway has as paused still would be unconnected without a word, as in Chrome.
  await talk.checkInfo();
  stream.peerEnds({ reset: true });
  peer.reset();
  await told(talk);
  await remove(talk, closes);
}

/** @type {Ending[]} */
export const ENDINGS = [pageEnds, pageBreaksOff, peerEnds, peerHalfCloses, peerResets];

/** The page has been told of the end, and the stream is not connected. @param {Talk} talk */
async function told(talk) {
  const { stream } = talk;
  await stream.ended();
  stream.paused = true;
  await talk.sent();
  await talk.checkInfo();
  await talk.send(1);
}

/**
 * The page ends the connection.
 *
 * @param {Talk} talk
 * @param {boolean} closes
 */
async function leave(talk, closes) {
  const { peer, program, stream } = talk;
  const { reading } = stream;
  const tells = stream.leave();
  stream.closing = closes;
  await program.expect(VOID, closes ? 'tcp.close' : 'tcp.disconnect', stream.id);
  stream.closed = closes;
  if (stream.ends > 0 && tells) program.fail(`${stream} has told of its end too early`);
  await stream.ended();
  if (reading) stream.paused = true;
  if (!closes) await talk.checkInfo();
  await talk.sent();
  await peer.finish(stream.sent);
  if (closes) await gone(talk);
}

/**
 * Removes a stream that is not connected, or leaves it.
 *
 * @param {Talk} talk
 * @param {boolean} closes
 */
async function remove(talk, closes) {
  const { program, stream } = talk;
  stream.leave();
  if (!closes) return program.expect(VOID, 'tcp.disconnect', stream.id);
  stream.closing = true;
  await program.expect(VOID, 'tcp.close', stream.id);
  stream.closed = true;
  await gone(talk);
}

/** The id is gone. @param {Talk} talk */
async function gone({ program, random, stream: { id } }) {
  if (random(3) === 0) await program.expect(NOT_FOUND, 'tcp.close', id);
  if (random(3) === 0) await program.expect(NOT_FOUND, 'tcp.getInfo', id);
  if (random(3) === 0) await program.expect(NOT_FOUND, 'tcp.setPaused', id, false);
}

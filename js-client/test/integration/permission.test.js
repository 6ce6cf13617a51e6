/**
 * The `sockets` key of Chrome's manifest (assertion 117): every row of the table in the reference,
 * section 6, through the client. Patterns that are wrong, and connect, are in sockets/manifest_test.go.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOpenGateway } from '../gateway.js';
import { Page } from '../page.js';

/** Rows that need the same kind of answer share a gateway: a list of patterns is an "or". */
const ROWS = [
  {
    patterns: [''],
    allowed: ['127.0.0.1:0', '::1:0', 'localhost:0'],
    denied: [],
  },
  {
    patterns: ['*:45801', ':45803'],
    allowed: ['127.0.0.1:45801', '::1:45803'],
    denied: ['127.0.0.1:0'],
  },
  {
    patterns: ['127.0.0.1', 'localhost:45802'],
    allowed: ['127.0.0.1:0', 'localhost:45802'],
    denied: ['0.0.0.0:0', '::1:0', 'localhost:0', '127.1:0'],
  },
  {
    patterns: ['127.0.0.1:1', '*:45804'],
    allowed: ['127.0.0.1:45804'],
    denied: ['127.0.0.1:0', '127.0.0.1:45805'],
  },
  {
    patterns: ['*.example.test:45806', 'EXAMPLE.org'],
    allowed: ['example.test:45806', 'x.y.example.test:45806', 'example.org:1'],
    denied: ['badexample.test:45806', 'example.test:1', 'www.example.org:1'],
  },
  {
    patterns: ['*.0.0.1', 'www.*.test', '*example.test', '**', '*.*'],
    allowed: [],
    denied: ['127.0.0.1:0', 'www.example.test:0', 'example.test:0'],
  },
  { patterns: [], allowed: [], denied: ['127.0.0.1:0', '::1:0', 'localhost:0'] },
];

for (const { patterns, allowed, denied } of ROWS) {
  test(`117: listen with ${JSON.stringify(patterns)}`, async () => {
    const gateway = await startOpenGateway(['-nothing', ...patterns.map((p) => `-listen=${p}`)]);
    const page = new Page(gateway);
    try {
      /** @param {string} target */
      const listen = async (target) => {
        const at = target.lastIndexOf(':');
        const { socketId } = await page.tcpServer.create();
        const address = target.slice(0, at);
        return page.call(page.tcpServer.listen, socketId, address, Number(target.slice(at + 1)));
      };
      // What is permitted gets as far as the network: 0, -4 for a name, -147 for a port that is taken.
      for (const target of allowed) {
        const [result] = await listen(target);
        assert.equal(typeof result, 'number', target);
      }
      for (const target of denied) {
        assert.deepEqual(await listen(target), ['Does not have permission'], target);
      }
      const { socketId } = await page.tcp.create();
      const outcome = await page.call(page.tcp.connect, socketId, '127.0.0.1', 45801);
      assert.deepEqual(outcome, ['Does not have permission'], 'listen never permits connect');
    } finally {
      await page.client.close();
      await gateway.stop();
    }
  });
}

/**
 * The head of the request by which a client asks for a WebSocket, or for something else. It names the proxy's port as
 * its host, and the gateway answers only to its own.
 */

const END = '\r\n\r\n';

/**
 * @param {AsyncIterable<Buffer>} source What the client sends.
 * @param {string} host To be asked for instead.
 * @returns {AsyncGenerator<Buffer>} The same with another `Host`.
 */
export async function* withHost(source, host) {
  let head = Buffer.alloc(0);
  let complete = false;
  for await (const chunk of source) {
    if (complete) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(END);
    if (end < 0) continue;
    complete = true;
    const text = head.subarray(0, end).toString('latin1');
    const asked = text.replace(/^(host: *).*$/im, `$1${host}`);
    // Only one head is looked at.
    yield Buffer.from(
      asked.replace(/^connection: *keep-alive$/im, 'Connection: close') + END,
      'latin1',
    );
    if (head.length > end + END.length) yield head.subarray(end + END.length);
  }
}

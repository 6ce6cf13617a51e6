/** A dedicated worker that is an echo server, and tells its page the port. */
importScripts('GATEWAY/socketgate.js', '/kit.js');
kit.echo().then(({ port }) => postMessage(port));

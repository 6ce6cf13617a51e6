/**
 * Chrome's signatures, word for word: they stand in the texts of argument errors, and arguments
 * are checked against them.
 */

/** @typedef {'tcpServer' | 'tcp'} NamespaceName */

const ID = 'integer socketId';
const CALLBACK = 'function callback';
const OPTIONAL_CALLBACK = `optional ${CALLBACK}`;

/**
 * @param {NamespaceName} namespace
 * @returns {Record<string, string>} What both namespaces have.
 */
function common(namespace) {
  const properties = `sockets.${namespace}.SocketProperties properties`;
  return {
    create: `optional ${properties}, ${OPTIONAL_CALLBACK}`,
    update: `${ID}, ${properties}, ${OPTIONAL_CALLBACK}`,
    setPaused: `${ID}, boolean paused, ${OPTIONAL_CALLBACK}`,
    disconnect: `${ID}, ${OPTIONAL_CALLBACK}`,
    close: `${ID}, ${OPTIONAL_CALLBACK}`,
    getInfo: `${ID}, ${OPTIONAL_CALLBACK}`,
    getSockets: OPTIONAL_CALLBACK,
  };
}

/** @type {Record<NamespaceName, Record<string, string>>} */
export const SIGNATURES = {
  tcpServer: {
    ...common('tcpServer'),
    listen: `${ID}, string address, integer port, optional integer backlog, ${CALLBACK}`,
  },
  tcp: {
    ...common('tcp'),
    setKeepAlive: `${ID}, boolean enable, optional integer delay, ${CALLBACK}`,
    setNoDelay: `${ID}, boolean noDelay, ${CALLBACK}`,
    connect: `${ID}, string peerAddress, integer peerPort, optional sockets.tcp.DnsQueryType dnsQueryType, ${CALLBACK}`,
    secure: `${ID}, optional sockets.tcp.SecureOptions options, ${CALLBACK}`,
    send: `${ID}, binary data, ${CALLBACK}`,
  },
};

/** Values of an enum, or types of a dictionary's properties. All properties are optional. */
/** @typedef {string[] | { [name: string]: string }} Shape */

/** @type {Record<string, Shape>} */
export const SHAPES = {
  'sockets.tcp.DnsQueryType': ['any', 'ipv4', 'ipv6'],
  'sockets.tcpServer.SocketProperties': { persistent: 'boolean', name: 'string' },
  'sockets.tcp.SocketProperties': {
    persistent: 'boolean',
    name: 'string',
    bufferSize: 'integer',
    allowHalfOpen: 'boolean', // Ours, not Chrome's.
  },
  'sockets.tcp.SecureOptions': { tlsVersion: 'sockets.tcp.TLSVersionConstraints' },
  'sockets.tcp.TLSVersionConstraints': { min: 'string', max: 'string' },
};

/** A certificate for TLS servers of tests, made without any program but Node. */

import { generateKeyPairSync, sign } from 'node:crypto';

/** @param {number} tag @param {(Buffer | Buffer[])[]} contents @returns {Buffer} One DER value. */
function der(tag, ...contents) {
  const content = Buffer.concat(contents.flat());
  const { length } = content;
  const size = [length & 255];
  if (length >= 256) size.unshift(0x82, length >> 8);
  else if (length >= 128) size.unshift(0x81);
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;

const COMMON_NAME = Buffer.from('550403', 'hex');
const SUBJECT_ALTERNATIVE_NAME = Buffer.from('551d11', 'hex');
const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');

/** @param {string} label @param {Buffer} content */
function pem(label, content) {
  return `-----BEGIN ${label}-----\n${content.toString('base64')}\n-----END ${label}-----\n`;
}

/**
 * @param {string} name Its host, beside 127.0.0.1.
 * @returns {{ key: string, cert: string }} A new key and its certificate, signed by itself; in PEM.
 */
export function makeCertificate(name = 'localhost') {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, der(OBJECT_ID, ECDSA_WITH_SHA256));
  const commonName = [der(OBJECT_ID, COMMON_NAME), der(UTF8_STRING, Buffer.from(name))];
  const subject = der(SEQUENCE, der(SET, der(SEQUENCE, commonName)));
  const times = ['200101000000Z', '491231235959Z'].map((time) => der(UTC_TIME, Buffer.from(time)));
  const hosts = der(SEQUENCE, der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extension = [der(OBJECT_ID, SUBJECT_ALTERNATIVE_NAME), der(OCTET_STRING, hosts)];
  const content = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))), // Version 3.
    der(INTEGER, Buffer.from([1])),
    algorithm,
    subject,
    der(SEQUENCE, times),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, der(SEQUENCE, extension))),
  );
  const signature = sign('sha256', content, privateKey);
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: pem(
      'CERTIFICATE',
      der(SEQUENCE, content, algorithm, der(BIT_STRING, Buffer.from([0]), signature)),
    ),
  };
}

/**
 * Shows an origin so that the part that says whose it is stands out, as browsers do in their address bar:
 * in https://paypal.com.login.example.net that is example.net.
 */

import { element } from "./dom.js";

/** Suffixes below which names belong to different people; the full list has thousands. */
const SHARED = new Set(
  (
    "appspot.com azurewebsites.net blogspot.com cloudfront.net deno.dev firebaseapp.com fly.dev " +
    "github.io gitlab.io glitch.me herokuapp.com netlify.app ngrok.app ngrok.io ngrok-free.app " +
    "onrender.com pages.dev repl.co replit.app run.app surge.sh vercel.app web.app workers.dev"
  ).split(" "),
);

/**
 * @param {string} origin As the browser of the page wrote it: in ASCII.
 * @returns {HTMLElement}
 */
export function showOrigin(origin) {
  const { scheme, before, owner, after } = splitOrigin(origin);
  return element(
    "bdi",
    { className: "origin", title: origin },
    element("span", { className: "dim" }, scheme),
    element("span", { className: "dim" }, ...labels(before)),
    element("strong", {}, ...labels(owner)),
    element("span", { className: "port" }, after),
  );
}

/** The labels of a name, so that lines break between them. */
function labels(name) {
  return name.split(/(?<=\.)/).map((text) => element("span", { className: "label" }, text));
}

/**
 * @param {string} origin
 * @returns {{ scheme: string, before: string, owner: string, after: string }} Whose texts are the
 *   origin if put together. The owner is rather too long than too short.
 */
export function splitOrigin(origin) {
  const [, scheme, host, after] = /^([^:]*:\/\/)?(.*?)(:\d+)?$/.exec(origin);
  const labels = host.split(".");
  let length = labels.length;
  if (!isAddress(host) && length > 2) {
    const lastTwo = labels.slice(-2).join(".");
    const [second, top] = labels.slice(-2);
    // As in example.co.uk.
    const national = top.length === 2 && second.length <= 3;
    length = national || SHARED.has(lastTwo) ? 3 : 2;
  }
  const owner = labels.slice(-length).join(".");
  return {
    scheme: scheme ?? "",
    before: host.slice(0, host.length - owner.length),
    owner,
    after: after ?? "",
  };
}

/**
 * @param {string} origin
 * @returns {string[]} What a user should know about it.
 */
export function warningsOf(origin) {
  const { scheme, before, owner } = splitOrigin(origin);
  const host = before + owner;
  const warnings = [];
  if (/(^|\.)xn--/.test(host)) {
    warnings.push(
      "This name stands for one with letters of other alphabets. It may look like a name you know.",
    );
  }
  if (scheme === "http://" && !isLoopback(host)) {
    warnings.push("This page came over http. Anybody on the way may have changed it.");
  }
  return warnings;
}

function isAddress(host) {
  return host.startsWith("[") || /^[\d.]+$/.test(host);
}

function isLoopback(host) {
  return /(^|\.)localhost$|^127\.[\d.]+$|^\[::1\]$/.test(host);
}

/**
 * The log of connections and requests: newest first, a bounded number of rows, shown in batches so that
 * a flood of requests does not keep the page from answering them.
 */

import { formatBytes, formatDuration, formatTime } from "./format.js";

const MAX_ROWS = 200;
const BATCH_MS = 100;
/** Rows of a larger batch just appear: to animate them all would keep the page busy. */
const MAX_ANIMATED = 6;
const MAX_TARGET = 160;

export class Log {
  #list;
  #empty;
  /** Rows that are not shown yet, at most MAX_ROWS, oldest first. */
  #pending = [];
  #timer;

  /**
   * @param {HTMLOListElement} list
   * @param {HTMLElement} empty Shown while there are no rows.
   */
  constructor(list, empty) {
    this.#list = list;
    this.#empty = empty;
  }

  connected(connection) {
    this.#add({ kind: "event", peer: connection.peer, what: "connected" });
  }

  closed(connection) {
    const { peer, requests, bytesReceived, bytesSent } = connection;
    if (!peer) return; // It has never been announced.
    const count = `${requests} ${requests === 1 ? "request" : "requests"}`;
    const bytes = `${formatBytes(bytesReceived)} in, ${formatBytes(bytesSent)} out`;
    this.#add({ kind: "event", peer, what: `closed after ${count}, ${bytes}` });
  }

  answered({ connection, method, target, status, bodySize, milliseconds }) {
    const outcome = status < 400 ? "ok" : status < 500 ? "refused" : "failed";
    this.#add({
      kind: `request ${outcome}`,
      peer: connection.peer,
      method,
      what: method ? shortened(target) : "not HTTP",
      status,
      size: formatBytes(bodySize),
      duration: formatDuration(milliseconds),
    });
  }

  clear() {
    this.#pending = [];
    this.#list.replaceChildren();
    this.#empty.hidden = false;
  }

  #add(entry) {
    this.#pending.push({ ...entry, time: new Date() });
    if (this.#pending.length > MAX_ROWS) this.#pending.shift();
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush() {
    this.#timer = undefined;
    const entries = this.#pending.reverse();
    this.#pending = [];
    if (entries.length === 0) return;
    this.#empty.hidden = true;
    const rows = entries.map(row);
    if (rows.length <= MAX_ANIMATED) rows.forEach((li) => li.classList.add("arriving"));
    this.#list.prepend(...rows);
    while (this.#list.children.length > MAX_ROWS) this.#list.lastChild.remove();
  }
}

/** All of an entry is put in as text, never as HTML: it comes from whoever connects. */
function row(entry) {
  const li = document.createElement("li");
  li.className = entry.kind;
  const what = cell("what", "");
  if (entry.method) what.append(cell("method", entry.method), " ");
  what.append(entry.what);
  li.append(cell("time", formatTime(entry.time)), " ", cell("peer", entry.peer), " ", what);
  if (entry.status) {
    li.append(" ", cell("status", String(entry.status)), " ", cell("size", entry.size), " ");
    li.append(cell("duration", entry.duration));
  }
  return li;
}

function cell(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

function shortened(text) {
  return text.length > MAX_TARGET ? `${text.slice(0, MAX_TARGET)}…` : text;
}

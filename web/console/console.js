/**
 * The console: waits for news of the gateway, shows requests and grants, and sends what the user decides.
 */

import { WrongKey, decide, readState } from "./api.js";
import { blockedRow } from "./blocked-row.js";
import { grantRow } from "./grant-row.js";
import { Guard } from "./guard.js";
import { keepKey, keptKey, takeFragment } from "./key.js";
import { RequestCard } from "./request-card.js";

const RETRY_MS = 2000;
const TICK_MS = 1000;
const TITLE = document.title;

const byId = (id) => document.getElementById(id);

const fragment = takeFragment();
let key = fragment.key ?? keptKey();
/** The request that a page has sent the user to. */
let wanted = fragment.request;
/** What is shown, of which gateway state. */
let version;
/** @type {Map<string, RequestCard>} */
const cards = new Map();
/** One for each list: a page that asks again and again must not keep the user from revoking. */
const requestGuard = new Guard(byId("requests"));
const grantGuard = new Guard(byId("grants"));
const blockedGuard = new Guard(byId("blocked"));
/** The origins that each list shows. @type {Map<Guard, string>} */
const shown = new Map();

function setState(state, text) {
  byId("state").dataset.state = state;
  byId("state").textContent = text;
}

/** Shows news for as long as there is a key that the gateway takes. */
async function watch() {
  while (key !== null) {
    try {
      show(await readState(key, version));
      keepKey(key);
      setState("open", "Connected");
    } catch (error) {
      if (error instanceof WrongKey) {
        // A key in the address may come from anywhere. It does not replace one that works.
        const kept = keptKey();
        const wrong = kept === key;
        key = wrong ? null : kept;
        if (key === null) byId("wrong").textContent = "The gateway does not take this key.";
        continue;
      }
      version = undefined; // It may be another gateway that answers next.
      setState("waiting", "The gateway does not answer. Trying again");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  lock();
}

/** Opens a locked console. One that is open has its key. */
function use(another) {
  if (key !== null) return;
  key = another;
  byId("wrong").textContent = "";
  void watch();
}

function lock() {
  byId("open").hidden = true;
  byId("locked").hidden = false;
  setState("locked", "Locked");
}

/** @param {import("./api.js").State} state */
function show(state) {
  byId("locked").hidden = true;
  byId("open").hidden = false;
  byId("wrong").textContent = "";
  if (state.version === version) return;
  version = state.version;
  showRequests(state.requests);
  showGrants(state.grants);
  showBlocked(state.blocked);
}

/** @param {import("./api.js").Request[]} requests Cards that are there stay, with what the user has chosen. */
function showRequests(requests) {
  const codes = new Set(requests.map(({ code }) => code));
  let changed = false;
  for (const [code, card] of cards) {
    if (codes.has(code)) continue;
    changed = true;
    card.element.remove();
    cards.delete(code);
  }
  for (const request of requests) {
    if (cards.has(request.code)) continue;
    changed = true;
    const card = new RequestCard(request, {
      approve: (code, duration) => act("approve", { code, duration }, `Approved ${request.origin}`),
      deny: (code) => act("deny", { code }, `Denied ${request.origin}`),
      block: (code) => act("deny", { code, block: true }, `Blocked ${request.origin}`),
    });
    cards.set(request.code, card);
    byId("requests").append(card.element);
  }
  byId("advice").hidden = requests.length === 0;
  byId("no-requests").hidden = requests.length > 0;
  document.title = requests.length > 0 ? `(${requests.length}) ${TITLE}` : TITLE;
  if (!changed) return;
  requestGuard.rearm();
  showWanted();
}

function showWanted() {
  for (const [code, card] of cards) card.highlight(code === wanted);
}

/** @param {import("./api.js").Grant[]} grants */
function showGrants(grants) {
  const rows = grants.map((grant) =>
    grantRow(grant, (origin) => act("revoke", { origin }, `Revoked ${origin}`)),
  );
  byId("grants").replaceChildren(...rows);
  byId("no-grants").hidden = grants.length > 0;
  keepGuard(
    grantGuard,
    grants.map(({ origin }) => origin),
  );
}

/** @param {string[]} origins */
function showBlocked(origins) {
  const rows = origins.map((origin) =>
    blockedRow(origin, () => act("revoke", { origin }, `Unblocked ${origin}`)),
  );
  byId("blocked").replaceChildren(...rows);
  byId("blocked-section").hidden = origins.length === 0;
  keepGuard(blockedGuard, origins);
}

/**
 * Makes new buttons dead if they stand for others than those before. Sessions come and go as a page likes:
 * that must not keep the button against it dead.
 *
 * @param {Guard} guard
 * @param {string[]} origins
 */
function keepGuard(guard, origins) {
  const list = origins.join(" ");
  if (shown.get(guard) === list) return guard.apply();
  shown.set(guard, list);
  guard.rearm();
}

/** @param {"approve" | "deny" | "revoke"} name */
async function act(name, what, done) {
  try {
    show(await decide(key, name, what));
    byId("done").textContent = done;
  } catch (error) {
    byId("done").textContent = `That did not work: ${error.message || "the key is wrong"}`;
  }
}

byId("unlock").addEventListener("submit", (event) => {
  event.preventDefault();
  use(byId("key").value.trim());
  byId("key").value = "";
});

// A page's link leads here while the console is open already.
window.addEventListener("hashchange", () => {
  const { key: another, request } = takeFragment();
  wanted = request;
  showWanted();
  if (another !== null) use(another);
});

setInterval(() => {
  for (const card of cards.values()) card.tick();
}, TICK_MS);

void watch();

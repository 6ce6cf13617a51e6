/** One who may use the gateway, since when and how long, and a button against it. */

import { element } from "./dom.js";
import { showOrigin } from "./origin.js";
import { showPermissions } from "./permissions.js";
import { formatWhen } from "./times.js";

const KINDS = {
  session: "for this session",
  "30d": "for 30 days",
  always: "until revoked",
  program: "a program with a token",
};

/**
 * @param {import("./api.js").Grant} grant
 * @param {(origin: string) => void} revoke
 * @returns {HTMLElement}
 */
export function grantRow(grant, revoke) {
  const { origin, name, permissions, sessions, kind } = grant;
  const button = element("button", { type: "button", className: "danger" }, "Revoke");
  button.setAttribute("aria-label", `Revoke ${origin || name}`);
  button.addEventListener("click", () => revoke(origin));

  const who = element("h3", {}, kind === "program" ? element("bdi", {}, name) : showOrigin(origin));
  const details = [name && kind !== "program" && `“${name}”`, KINDS[kind] ?? kind, ...times(grant)];
  const live = element(
    "span",
    { className: "live" },
    sessions === 1 ? "1 open" : `${sessions} open`,
  );
  live.hidden = sessions === 0;
  return element(
    "li",
    {},
    element("div", { className: "who" }, who, live),
    element("p", { className: "details" }, details.filter(Boolean).join(" · ")),
    showPermissions(permissions),
    button,
  );
}

/** @param {import("./api.js").Grant} grant */
function times({ created, used, expires }) {
  return [
    `approved ${formatWhen(created)}`,
    used && `last used ${formatWhen(used)}`,
    expires && `ends ${formatWhen(expires)}`,
  ];
}

/** An origin that is turned away, and a button to let it ask again. */

import { element } from "./dom.js";
import { showOrigin } from "./origin.js";

/**
 * @param {string} origin
 * @param {(origin: string) => void} unblock
 * @returns {HTMLElement}
 */
export function blockedRow(origin, unblock) {
  const button = element("button", { type: "button" }, "Unblock");
  button.setAttribute("aria-label", `Unblock ${origin}`);
  button.addEventListener("click", () => unblock(origin));
  const who = element("div", { className: "who" }, element("h3", {}, showOrigin(origin)));
  const details = element("p", { className: "details" }, "may not even ask");
  return element("li", {}, who, details, button);
}

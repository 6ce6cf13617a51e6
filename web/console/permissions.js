/** A list of permissions, each with what it puts at risk. */

import { element } from "./dom.js";

/** What each class of risk means for the user. The gateway decides which one a permission has. */
const RISKS = {
  loopback: "this computer",
  internet: "internet",
  private: "your devices",
  network: "your network",
  privileged: "system ports",
};

/**
 * @param {import("./api.js").Permission[]} permissions
 * @returns {HTMLElement}
 */
export function showPermissions(permissions) {
  const items = permissions.map(({ text, risk }) => {
    const badge = element("span", { className: "risk" }, RISKS[risk] ?? risk);
    badge.dataset.risk = risk;
    return element("li", {}, element("span", {}, text), badge);
  });
  return element("ul", { className: "permissions" }, ...items);
}

/** One request: who asks for what, and what to answer. */

import { element } from "./dom.js";
import { showOrigin, warningsOf } from "./origin.js";
import { showPermissions } from "./permissions.js";
import { formatCountdown } from "./times.js";

const DURATIONS = [
  ["session", "This session"],
  ["30d", "30 days"],
  ["always", "Until revoked"],
];
const USUAL = "30d";

export class RequestCard {
  element;
  #countdown = element("span", { className: "countdown" });
  #expires;
  #duration = USUAL;

  /**
   * @param {import("./api.js").Request} request
   * @param {object} answers
   * @param {(code: string, duration: string) => void} answers.approve
   * @param {(code: string) => void} answers.deny
   * @param {(code: string) => void} answers.block
   */
  constructor(request, { approve, deny, block }) {
    const { code, origin, name, permissions, seconds } = request;
    this.#expires = Date.now() + seconds * 1000;
    this.tick();

    const yes = element("button", { type: "button", className: "primary" }, "Approve");
    yes.addEventListener("click", () => approve(code, this.#duration));
    const no = element("button", { type: "button" }, "Deny");
    no.addEventListener("click", () => deny(code));
    const never = element("button", { type: "button", className: "quiet" }, "Deny and block");
    never.addEventListener("click", () => block(code));

    const warnings = warningsOf(origin).map((text) => element("p", { className: "warning" }, text));
    this.element = element(
      "article",
      { className: "card request", id: `request-${code}` },
      element(
        "header",
        {},
        element("h2", {}, showOrigin(origin)),
        element("p", { className: "code" }, element("span", { className: "dim" }, "Code "), code),
      ),
      element("p", { className: "name" }, "It calls itself ", element("bdi", {}, `“${name}”`), "."),
      ...warnings,
      element("p", { className: "wants" }, "What it asks for"),
      showPermissions(permissions),
      this.#durations(code),
      element("footer", {}, element("p", {}, "Expires in ", this.#countdown), never, no, yes),
    );
  }

  /** @param {boolean} wanted Whether the page that asks has sent the user here. */
  highlight(wanted) {
    this.element.classList.toggle("wanted", wanted);
    if (wanted) this.element.scrollIntoView({ block: "center" });
  }

  /** Shows the time that is left. */
  tick() {
    this.#countdown.textContent = formatCountdown((this.#expires - Date.now()) / 1000);
  }

  #durations(code) {
    const choices = DURATIONS.map(([value, text]) => {
      const radio = element("input", { type: "radio", name: `duration-${code}`, value });
      radio.checked = value === USUAL;
      radio.addEventListener("change", () => (this.#duration = value));
      return element("label", {}, radio, element("span", {}, text));
    });
    const legend = element("legend", {}, "For how long?");
    return element("fieldset", { className: "durations" }, legend, ...choices);
  }
}

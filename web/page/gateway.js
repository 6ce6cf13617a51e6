/**
 * Shows the state of the connection to the gateway.
 */

const TICK_MS = 500;

/**
 * @param {object} client `socketgate.client`.
 * @param {HTMLElement} element Gets data-state, for its colour.
 * @param {HTMLElement} text
 * @param {HTMLElement} wait How long until the next attempt; not for screen readers, as it changes all
 *   the time.
 * @param {{unreachable: function(string), reachable: function(), lost: function(string)}} handler What
 *   to do when the gateway does not answer, and why and what helps; when it answers; and when it has gone for
 *   good, and why.
 */
export function watchGateway(client, element, text, wait, handler) {
  let countdown;

  function show() {
    const { state, message = "", help = "", retryAt } = client;
    clearInterval(countdown);
    wait.textContent = "";
    element.dataset.state = state;
    switch (state) {
      case "connecting":
        text.textContent = "Connecting";
        break;
      case "open":
        text.textContent = "Gateway connected";
        handler.reachable();
        break;
      case "waiting":
        text.textContent = retryAt ? "Trying again" : "Waiting";
        if (retryAt) {
          showCountdown(retryAt);
          countdown = setInterval(() => showCountdown(retryAt), TICK_MS);
        }
        handler.unreachable(`${message} ${help}`);
        break;
      case "closed":
        text.textContent = "Gateway disconnected";
        handler.lost(`${message} ${help}`);
    }
  }

  function showCountdown(retryAt) {
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    wait.textContent = ` in ${seconds} s`;
  }

  client.onStateChange.addListener(show);
  show();
}

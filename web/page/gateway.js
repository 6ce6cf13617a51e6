/**
 * Shows the state of the connection to the gateway.
 */

const TICK_MS = 500;

/**
 * @param {object} client `socketgate.client`.
 * @param {HTMLElement} element Gets data-state, for its colour.
 * @param {HTMLElement} text
 * @param {{unreachable: function(string), reachable: function(), lost: function(string)}} handler What
 *   to do when the gateway does not answer, answers, and has gone for good.
 */
export function watchGateway(client, element, text, handler) {
  let countdown;

  function show() {
    const { state, reason, retryAt } = client;
    clearInterval(countdown);
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
        showCountdown(retryAt);
        countdown = setInterval(() => showCountdown(retryAt), TICK_MS);
        handler.unreachable(reason);
        break;
      case "closed":
        text.textContent = "Gateway disconnected";
        handler.lost(reason);
    }
  }

  function showCountdown(retryAt) {
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    const next = `Trying again in ${seconds} s`;
    if (text.textContent !== next) text.textContent = next;
  }

  client.onStateChange.addListener(show);
  show();
}

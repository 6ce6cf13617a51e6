/**
 * The first page: starts the HTTP server and puts what happens on the screen. The server itself is
 * examples/http-server; what it answers is in routes.js.
 */

import { offerCopies } from "./copy.js";
import { formatBytes } from "./format.js";
import { watchGateway } from "./gateway.js";
import { Log } from "./log.js";
import { answer } from "./routes.js";

const COUNTERS_MS = 250;

const byId = (id) => document.getElementById(id);

const trouble = {
  show(title, text) {
    byId("trouble-title").textContent = title;
    byId("trouble-text").textContent = text;
    byId("trouble").hidden = false;
  },
  hide() {
    byId("trouble").hidden = true;
  },
};

/** Shows where the server listens, or with no port that it does not. */
function showPort(status, port) {
  byId("status").textContent = status;
  byId("endpoint").hidden = port === undefined;
  byId("port").textContent = port ?? "";
  for (const button of document.querySelectorAll("[data-copy]")) button.disabled = !port;
  if (port) {
    byId("curl").textContent = `curl 127.0.0.1:${port}/hello`;
    byId("nc").textContent = `nc 127.0.0.1 ${port}`;
    byId("open").textContent = `Open http://127.0.0.1:${port}/`;
    byId("open").href = `http://127.0.0.1:${port}/`;
  } else {
    for (const id of ["curl", "nc", "open"]) byId(id).textContent = "No port is open";
    byId("open").removeAttribute("href");
  }
}

function start() {
  byId("reload").addEventListener("click", () => location.reload());
  byId("client-url").textContent = new URL("/socketgate.js", location.href);
  offerCopies(byId("copied"));

  if (!globalThis.socketgate || !globalThis.HttpServer) {
    byId("gateway-text").textContent = "No gateway";
    byId("gateway").dataset.state = "closed";
    showPort("Not listening");
    trouble.show(
      "The client script did not load",
      "This page needs /socketgate.js from the gateway. Is the gateway still running?",
    );
    return;
  }

  const log = new Log(byId("log"), byId("empty"));
  byId("clear").addEventListener("click", () => log.clear());

  const server = new HttpServer();
  server.hint =
    "You have reached an HTTP server in a web page. Connect again and type two lines,\n" +
    "the second one empty:\n\nGET /hello HTTP/1.0\n\n";
  server.onrequest = answer;
  server.onconnect = (connection) => log.connected(connection);
  server.onresponse = (entry) => log.answered(entry);
  server.onclose = (connection) => log.closed(connection);
  server.onerror = (message) => trouble.show("The server accepts no more connections", message);
  showCounters(server.counters);

  const { client } = globalThis.socketgate;
  /** The port to listen on again. */
  let lastPort = 0;

  /** @param {number} wanted 0 for any free port. */
  function listen(wanted) {
    server.listen("127.0.0.1", wanted, (error, port) => {
      if (error && wanted !== 0) {
        listen(0);
      } else if (error) {
        showPort("Not listening");
        trouble.show("The server could not start", error);
      } else {
        lastPort = port;
        trouble.hide();
        showPort("Listening on", port);
      }
    });
  }

  listen(0);
  // A gateway that was started again knows nothing of the server: it is made anew.
  client.onSessionGone.addListener(() => {
    server.stop();
    listen(lastPort);
  });

  watchGateway(client, byId("gateway"), byId("gateway-text"), byId("gateway-wait"), {
    unreachable(why) {
      byId("status").textContent = "Waiting for the gateway";
      trouble.show("The gateway does not answer", why);
    },
    reachable() {
      trouble.hide();
      if (lastPort) byId("status").textContent = "Listening on";
    },
    lost(why) {
      showPort("Not listening");
      trouble.show(
        "The connection to the gateway has ended",
        `${why} The port is closed. Start the gateway again if it has stopped, then reload.`,
      );
    },
  });
}

/** Counters change with every packet, so they are shown a few times a second, when they have changed. */
function showCounters(counters) {
  let shown = "";
  setInterval(() => {
    const { open, connections, requests, bytesReceived, bytesSent } = counters;
    const state = [open, connections, requests, bytesReceived, bytesSent].join();
    if (state === shown) return;
    shown = state;
    byId("count-open").textContent = open.toLocaleString("en");
    byId("count-connections").textContent = connections.toLocaleString("en");
    byId("count-requests").textContent = requests.toLocaleString("en");
    byId("count-received").textContent = formatBytes(bytesReceived);
    byId("count-sent").textContent = formatBytes(bytesSent);
  }, COUNTERS_MS);
}

start();

// One client of bench:events, in a process of its own: reads the stream to its end and says how long that took, from
// the first event to the last. It has read everything when it has counted everything.
import { createRequire } from "node:module";
import { Client, SilentLogger } from "ami-io/lib/index.js";
import { createCallTracker } from "../src/core/call-tracker.ts";
import { createAmiConnection } from "../src/pbx/ami-connection.ts";
import { callEventNames, createCallEventReader } from "../src/pbx/ami-events.ts";
import { systemClock } from "../src/pbx/clock.ts";

const [, , contender, portText, expectedText] = process.argv;
const port = Number(portText);
const expected = Number(expectedText);
const silent = { info: () => {}, warn: () => {} };
const account = { user: "bench", secret: "bench" };

let seen = 0;
let firstAt = 0;

function count(): void {
  if (seen === 0) firstAt = performance.now();
  seen += 1;
  // What comes after the last one would be one too many: leave it the time to arrive.
  if (seen === expected) {
    const elapsedMs = performance.now() - firstAt;
    setTimeout(() => {
      process.send?.({ seen, elapsedMs });
      process.disconnect();
      process.exit();
    }, 50);
  }
}

/** Everything that an event goes through in Mitschnitt: client, filter, CallEvent, call tracker. */
function startMitschnitt(): void {
  const reader = createCallEventReader({ log: silent, clock: systemClock });
  const tracker = createCallTracker();
  const connection = createAmiConnection({
    host: "127.0.0.1",
    port,
    ...account,
    wantedEvents: callEventNames,
    log: silent,
  });
  connection.onEvent((event) => {
    const callEvent = reader.read(event);
    if (callEvent === undefined) throw new Error(`unusable: ${event.Event}`);
    tracker.apply(callEvent);
    count();
  });
  connection.start();
}

function startAmiIo(): void {
  const client = new Client({
    host: "127.0.0.1",
    port,
    login: account.user,
    password: account.secret,
    encoding: "utf8",
    logger: new SilentLogger(),
  });
  client.on("event", count);
  client.connect();
}

interface AsteriskManager {
  on(name: "managerevent", listener: () => void): void;
}

function startAsteriskManager(): void {
  const connect: (...account: readonly [number, string, string, string, boolean]) => AsteriskManager =
    createRequire(import.meta.url)("asterisk-manager");
  connect(port, "127.0.0.1", account.user, account.secret, true).on("managerevent", count);
}

if (contender === "mitschnitt") startMitschnitt();
else if (contender === "amiIo") startAmiIo();
else startAsteriskManager();

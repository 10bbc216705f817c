// `npm run demo`: a private Asterisk with phones that talk and Mitschnitt attached to it. With `-- --once` one call of
// each kind is placed and verified; `--json` prints a line of JSON a call.

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { explain } from "../../src/core/errors.ts";
import { LabError } from "../lab-error.ts";
import { type Office, openOffice } from "../office.ts";
import { canBind } from "../ports.ts";
import { type Conversation, conversations, speechOfCalled } from "./conversations.ts";
import { isGood, type VerifiedCall, verifyCall } from "./verify-call.ts";

const usualPort = 8090;
const pauseBetweenCallsMs = 4000;

const { values: flags } = parseArgs({
  options: { once: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});

/** For people; a program reads standard output and finds only JSON there. */
const say = (text: string): void => {
  if (!flags.json) console.log(text);
};

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ending.abort());

async function place(office: Office, { called, call, ...spoken }: Conversation): Promise<void> {
  await office.lab.phone(called, { answerAfterMs: 500, plays: speechOfCalled({ called, call, ...spoken }) });
  const placed = await office.lab.call(call);
  await placed.ended();
}

async function once(office: Office): Promise<boolean> {
  const verified: VerifiedCall[] = [];
  for (const conversation of conversations) {
    const before = office.calls().length;
    await place(office, conversation);
    await office.settled(before + 1);
    const row = office.calls()[before];
    if (row === undefined)
      throw new LabError(`the ${conversation.direction} call left no row`, {
        code: "demo-no-row",
        hint: office.module.log(),
      });
    const call = await verifyCall(office, row, conversation);
    verified.push(call);
    if (flags.json) console.log(JSON.stringify(call));
    else say(described(call));
  }
  return verified.every(isGood);
}

const described = (call: VerifiedCall): string =>
  `${isGood(call) ? "ok  " : "FAIL"} ${call.direction.padEnd(8)} ${call.outcome} (${call.reason}), ${(call.durationMs / 1000).toFixed(1)} s, ` +
  `${call.voices} voices, ${call.deliveredTo === null ? "not delivered" : "delivered"}, ${call.reported ? "reported" : "not reported"}: ${call.file}`;

async function forEver(office: Office): Promise<void> {
  say("Calls come in every few seconds. Ctrl-C ends everything.");
  for (let turn = 0; !ending.signal.aborted; turn++) {
    const conversation = conversations[turn % conversations.length] ?? conversations[0];
    await Promise.race([place(office, conversation), whenEnding()]);
    await sleep(pauseBetweenCallsMs, undefined, { signal: ending.signal }).catch(() => undefined);
  }
}

const whenEnding = (): Promise<void> =>
  new Promise((resolve) => {
    if (ending.signal.aborted) resolve();
    ending.signal.addEventListener("abort", () => resolve(), { once: true });
  });

async function main(): Promise<number> {
  say("Starting a private Asterisk, its phones and Mitschnitt …");
  const port = !flags.once && (await canBind("tcp", usualPort)) ? usualPort : 0;
  const office = await openOffice({ version: 22, built: true, http: `127.0.0.1:${port}` });
  try {
    const { address, password } = await office.module.start();
    say(`Pages: ${address}   user: admin   password: ${password}`);
    say(`Recordings arrive in ${office.archiveFolder}`);
    if (flags.once) return (await once(office)) ? 0 : 1;
    await forEver(office);
    return 0;
  } finally {
    say("Ending …");
    await office.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof LabError ? `${error.message}\n${error.hint}` : explain(error));
    process.exit(1);
  },
);

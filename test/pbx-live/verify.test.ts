import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createLanes } from "../../lab/calls/lanes.ts";
import { pbxControlOf } from "../../lab/calls/pbx-control.ts";
import { perform } from "../../lab/calls/perform.ts";
import type { Move, Opening } from "../../lab/calls/plan.ts";
import { openRoom } from "../../lab/calls/room.ts";
import { waitUntil } from "../../lab/deadline.ts";
import type { CallOptions } from "../../lab/lab-call.ts";
import { type Office, openOffice } from "../../lab/office.ts";

interface Verified {
  readonly code: number;
  readonly differences: readonly { readonly kind: string; readonly linkedid: string }[];
  readonly summary: { readonly calls: number; readonly cdrs: number; readonly unsettled: number };
}

const incoming: Opening = { kind: "direct", from: "xenia", to: "anna", plain: false };

/** Whose CDRs are spread over several linkedids, or name people of several calls. */
const moving: readonly (readonly [Opening, ...Move[]])[] = [
  [incoming, { kind: "attended", by: "anna", to: "ben", how: "refer", ends: "completed" }],
  [incoming, { kind: "blind", by: "anna", to: "ben", how: "dtmf" }],
  [incoming, { kind: "park", by: "anna", how: "refer", takenBy: "ben" }],
  [{ kind: "pickup", from: "xenia", via: "emil", to: "anna", how: "directed" }],
  [{ kind: "conference", parties: ["xenia", "anna", "ben"] }],
];

const member = (extension: string, endpoint: string) => ({
  extension,
  name: endpoint,
  endpoints: [endpoint],
});

/** The office's group, and anna and ben of room 1. */
const settings = () => ({
  rules: [
    {
      id: "sales",
      name: "Vertrieb",
      enabled: true,
      members: [
        member("10", "PJSIP/alice"),
        member("11", "PJSIP/bob"),
        member("311", "PJSIP/desk11"),
        member("312", "PJSIP/desk12"),
      ],
      directions: { incoming: true, outgoing: true, internal: true },
    },
  ],
});

for (const version of [22, 16] as const) {
  describe(`verify on Asterisk ${version}`, function () {
    this.timeout(150_000);
    let office: Office;

    before(async function () {
      this.timeout(180_000);
      office = await openOffice({ version, settings });
      await office.module.start();
    });
    after(() => office?.stop());

    const place = async (options: CallOptions): Promise<void> => {
      await (await office.lab.call(options)).ended();
    };

    const askOnce = async (...words: string[]): Promise<Verified> => {
      const conf = join(office.lab.pbx.etcDir, "asterisk.conf");
      const { code, stdout, stderr } = await office.mitschnitt(
        ...["verify", "--asterisk-conf", conf, "--json", ...words],
      );
      expect(stderr).to.equal("");
      const lines = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      return { code, differences: lines.slice(0, -1), summary: lines.at(-1) };
    };

    /** As soon as every call is old enough to be compared. */
    const verify = async (): Promise<Verified> => {
      let verified = await askOnce();
      await waitUntil(
        "calls that can be compared",
        async () => {
          verified = await askOnce();
          return verified.summary.unsettled === 0;
        },
        { timeoutMs: 60_000, intervalMs: 500 },
      );
      return verified;
    };

    it("finds no difference after calls of every kind", async () => {
      const { lab } = office;
      await lab.phone("alice", "no-answer");
      await place({ from: "trunk", to: "100", hangUpAfterMs: 1500 });
      await lab.phone("bob", "no-answer");
      await place({ from: "trunk", to: "100", abandonAfterMs: 500 });
      await lab.phone("alice", "busy");
      await place({ from: "trunk", to: "101" });
      await lab.phone("alice", "decline");
      await lab.phone("bob", { answerAfterMs: 300, hangUpAfterMs: 1500 });
      await place({ from: "trunk", to: "200", hangUpAfterMs: 4000 });
      await lab.phone("alice", { answerAfterMs: 100 });
      await place({ from: "alice", to: "0301234", hangUpAfterMs: 1500 });
      await place({ from: "carol", to: "10", hangUpAfterMs: 1500 });
      await place({ from: "trunk", to: "103", hangUpAfterMs: 1500 });
      await place({ from: "alice", to: "300", hangUpAfterMs: 1200 });
      await office.settled(8);
      const { code, differences, summary } = await verify();
      expect(differences).to.deep.equal([]);
      expect(code).to.equal(0);
      expect(summary.calls).to.equal(8);
      expect(summary.cdrs).to.be.greaterThan(8);
    });

    it("finds no difference after calls that moved", async () => {
      const { lab } = office;
      const room = await openRoom(lab.sipPort, 1, createLanes());
      try {
        for (const [opening, ...moves] of moving) {
          const talkMs = [opening, ...moves].map(() => 1200);
          await perform(
            { room, control: pbxControlOf(lab.pbx) },
            { seed: 0, opening, moves, talkMs, hangsUp: "caller" },
          );
          await lab.idle();
        }
      } finally {
        room.stop();
      }
      await office.settled(8 + moving.length);
      const { differences, summary } = await verify();
      expect(differences).to.deep.equal([]);
      expect(summary.calls).to.be.greaterThan(8 + moving.length);
    });

    it("names exactly the call during which the module was down", async () => {
      const before = office.calls().length;
      await office.module.stop();
      await place({ from: "trunk", to: "101", callerNumber: "0309999", hangUpAfterMs: 1500 });
      await office.lab.idle();
      await office.module.start();
      await place({ from: "trunk", to: "101", hangUpAfterMs: 1500 });
      await office.settled(before + 1);
      const { code, differences } = await verify();
      expect(code).to.equal(1);
      expect(differences).to.have.length(1);
      expect(differences[0]).to.deep.include({
        kind: "not-in-ledger",
        params: { from: "0309999", to: "101" },
      });
      expect(office.calls().map((call) => call.linkedid)).not.to.include(differences[0]?.linkedid);
    });

    it("reads the same from a copy of the file, and says so in words", async () => {
      const master = join(office.lab.pbx.dir, "var/log/cdr-csv/Master.csv");
      const { code, stdout } = await office.mitschnitt("verify", "--cdr", master, "--language", "en");
      expect(code).to.equal(1);
      expect(stdout).to.contain("call from 0309999 to 101: not in the journal, Mitschnitt did not see it");
      expect(stdout).to.match(/1 difference$/m);
    });

    it("explains a call by the beginning of its id, and by its linkedid", async () => {
      const call = office.calls().find(({ outcome }) => outcome === "recorded");
      const byId = await office.mitschnitt("explain", call?.id.slice(0, 8) ?? "", "--language", "en");
      expect(byId.code).to.equal(0);
      expect(byId.stdout).to.contain("Outcome: recorded: by rule “Vertrieb”");
      expect(byId.stdout).to.match(/^ {2}Archiv: delivered, verified at /m);
      const byLinkedid = await office.mitschnitt("explain", call?.linkedid ?? "", "--language", "en");
      expect(byLinkedid.stdout).to.equal(byId.stdout);
    });

    it("says what to set where the PBX writes no CDRs", async () => {
      const { code, stderr } = await office.mitschnitt(
        "verify",
        "--cdr",
        join(office.dataFolder, "none.csv"),
      );
      expect(code).to.equal(1);
      expect(stderr).to.contain("there is no such file").and.to.contain("newcdrcolumns=yes");
      expect(readFileSync(join(office.lab.pbx.etcDir, "cdr.conf"), "utf8")).to.contain("newcdrcolumns = yes");
    });
  });
}

// `mitschnitt explain`: tells a call of the journal in words; or what would become of a call that was never made.

import { type Command, InvalidArgumentError } from "commander";
import { MitschnittError } from "../core/errors.ts";
import { explainImagined, type ImaginedParty, partyBehind } from "../core/imagined-call.ts";
import { type CallRow, callsNamed } from "../journal/calls-search.ts";
import type { JournalDb } from "../journal/journal.ts";
import { rulesOf } from "../ledger/rules-in-force.ts";
import { callLines } from "../report/call-lines.ts";
import { callObject } from "../report/call-object.ts";
import { tellCall } from "../report/told-call.ts";
import type { Settings } from "../settings/schema.ts";
import { outcomeText, reasonText } from "../words/reason-words.ts";
import { terminalLine } from "../words/terminal-line.ts";
import { createWords, type Language, type Words } from "../words/words.ts";
import type { CommandContext } from "./command-context.ts";
import { languageOf, languageOption, withJournal } from "./with-journal.ts";

/** `no-such-call`, `ambiguous-call`, `nothing-asked`. */
export class ExplainError extends MitschnittError {}

interface Flags {
  readonly from?: string;
  readonly to?: string;
  readonly language?: string;
  readonly json?: boolean;
}

const number = (text: string): string => {
  if (/^[0-9*#+]{1,40}$/.test(text)) return text;
  throw new InvalidArgumentError(`expected a number as it is dialled, as in 0301234567, got "${text}"`);
};

export function registerExplainCommand(program: Command, { environment, out }: CommandContext): void {
  program
    .command("explain")
    .description("tell a call in words, or what would become of a call from one number to another")
    .argument("[call]", "its id or the beginning of it, or its linkedid or uniqueid in Asterisk")
    .option("--from <number>", "who calls, in a call that was never made", number)
    .option("--to <number>", "who is called", number)
    .addOption(languageOption())
    .option("--json", "print JSON")
    .action((name: string | undefined, flags: Flags) =>
      withJournal(environment, async (db, settings) => {
        const language = languageOf(flags.language, settings);
        const answer = await answerTo(name, flags, { db, settings, language });
        if (flags.json) out(JSON.stringify(answer.object));
        else for (const line of answer.lines) out(terminalLine(line));
      }),
    );
}

interface Asked {
  readonly db: JournalDb;
  readonly settings: Settings;
  readonly language: Language;
}

interface Answer {
  readonly object: object;
  readonly lines: readonly string[];
}

async function answerTo(name: string | undefined, { from, to }: Flags, asked: Asked): Promise<Answer> {
  if (name !== undefined && from === undefined && to === undefined) return tell(name, asked);
  if (name === undefined && from !== undefined && to !== undefined) return imagine(from, to, asked);
  throw new ExplainError("expected either a call, or both --from and --to", {
    code: "nothing-asked",
    hint: "As in `mitschnitt explain 3f9a1c`, or `mitschnitt explain --from 0301234567 --to 12`.",
    permanent: true,
  });
}

async function tell(name: string, { db, settings, language }: Asked): Promise<Answer> {
  const told = await tellCall(db, await theCall(db, name));
  const names = new Map(settings.targets.map((target) => [target.id, target.name]));
  const targetName = (id: string): string => names.get(id) ?? id;
  const { timeZone } = settings;
  return {
    object: callObject(told, createWords(language)),
    lines: callLines(told, { language, timeZone, targetName }),
  };
}

const mostNamed = 5;

async function theCall(db: JournalDb, name: string): Promise<CallRow> {
  const found = await callsNamed(db, name, mostNamed);
  const [call] = found;
  if (call === undefined)
    throw new ExplainError(
      `${terminalLine(name)}: expected a call of the journal, there is none by that name`,
      {
        code: "no-such-call",
        hint: "Its id and its linkedid stand on the call's page; at least four characters of the id are needed.",
        permanent: true,
      },
    );
  if (found.length > 1)
    throw new ExplainError(`${terminalLine(name)}: expected one call, got several`, {
      code: "ambiguous-call",
      hint: `Say more of the id: ${found.map(({ id }) => id.slice(0, 12)).join(", ")}${found.length === mostNamed ? ", …" : ""}`,
      permanent: true,
    });
  return call;
}

function imagine(from: string, to: string, { settings, language }: Asked): Answer {
  const { rules, dialling } = rulesOf(settings);
  const parties = { from: partyBehind(from, rules, dialling), to: partyBehind(to, rules, dialling) };
  const { direction, decisions, outcome } = explainImagined(parties, rules, dialling);
  const words = createWords(language);
  const text = outcomeText(words, outcome.kind, outcome.reason);
  return {
    object: {
      ...parties,
      direction,
      outcome,
      text,
      decisions: decisions.map(({ member, decision }) => ({
        member: member.extension,
        record: decision.record,
        reason: decision.reason,
      })),
    },
    lines: [
      words("explain.imagined", {
        from: partyText(words, parties.from),
        to: partyText(words, parties.to),
        direction: words(`direction.${direction}`),
      }),
      words("explain.outcome", { outcome: text }),
      ...decisions.map(({ member, decision }) =>
        words("explain.about-member", {
          member: member.extension,
          reason: reasonText(words, decision.reason),
        }),
      ),
    ],
  };
}

const partyText = (words: Words, party: ImaginedParty): string =>
  party.kind === "member"
    ? words("explain.member", {
        number: party.member.extension,
        name: party.member.name || party.member.extension,
      })
    : words(`explain.${party.kind}`, { number: party.number });

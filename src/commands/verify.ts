// `mitschnitt verify`: compares the ledger with the PBX's own CDRs and names each difference.

import type { Command } from "commander";
import { z } from "zod";
import type { Difference } from "../core/reconciliation.ts";
import type { Environment } from "../environment.ts";
import { type VerificationSummary, verifyLedger } from "../ledger/verification.ts";
import { createFormats, type Formats } from "../words/formats.ts";
import { terminalLine } from "../words/terminal-line.ts";
import { createWords, type Words } from "../words/words.ts";
import { findCdrs } from "./cdr-source.ts";
import type { CommandContext } from "./command-context.ts";
import { ControlError, control } from "./control.ts";
import { type Period, type PeriodFlags, periodOf, withPeriod } from "./period.ts";
import { languageOf, languageOption, withJournal } from "./with-journal.ts";

interface Flags extends PeriodFlags {
  readonly asteriskConf: string;
  readonly cdr?: readonly string[];
  readonly language?: string;
  readonly json?: boolean;
}

/** The PBX writes a CDR, and the module an outcome, within moments of the end of a call. */
const momentsMs = 10_000;

export function registerVerifyCommand(program: Command, { environment, out }: CommandContext): void {
  withPeriod(
    program
      .command("verify")
      .description("compare the ledger with the PBX's own CDRs; exits with 1 when they differ"),
  )
    .option("--cdr <file...>", "Master.csv of cdr_csv, several after a rotation (default: Asterisk's)")
    .option("--asterisk-conf <file>", "Asterisk's main configuration", "/etc/asterisk/asterisk.conf")
    .addOption(languageOption())
    .option("--json", "print JSON, a line for each difference and one for the sum")
    .action((flags: Flags) =>
      withJournal(environment, async (db, settings) => {
        const source = await findCdrs(flags);
        const liveCallIds = await askForLiveCalls(environment);
        const now = new Date();
        const period = periodOf(flags, now.getTime(), settings.timeZone);
        const words = createWords(languageOf(flags.language, settings));
        const formats = createFormats(words.language, settings.timeZone);
        const summary = await verifyLedger(
          {
            db,
            pbxId: settings.pbx.id,
            cdrFiles: source.files,
            period: period.range,
            now,
            settleMs: momentsMs + source.heldBackMs,
            liveCallIds,
          },
          (difference) => out(flags.json ? JSON.stringify(difference) : lineOf(difference, words, formats)),
        );
        if (flags.json) out(JSON.stringify({ from: period.first, to: period.last, ...summary }));
        else for (const line of summaryLines(summary, period, words)) out(line);
        if (summary.differences > 0) process.exitCode = 1;
      }),
    );
}

const statusSchema = z.looseObject({ calls: z.array(z.looseObject({ id: z.string() })) });

/** Which calls go on is known to the module alone; while it does not run, none is. */
async function askForLiveCalls(environment: Environment): Promise<ReadonlySet<string>> {
  try {
    const { calls } = statusSchema.parse(await control(environment, "GET", "status"));
    return new Set(calls.map(({ id }) => id));
  } catch (error) {
    if (error instanceof ControlError) return new Set();
    throw error;
  }
}

function lineOf({ kind, callId, linkedid, startedAt, params }: Difference, words: Words, formats: Formats) {
  const sentence = words(`difference.${kind}`, params);
  return terminalLine(
    `${formats.dateTime(startedAt.getTime())}  ${callId?.slice(0, 8) ?? "-"}  ${linkedid}  ${sentence}`,
  );
}

function summaryLines(summary: VerificationSummary, { first, last }: Period, words: Words): string[] {
  const { calls, cdrs, differences, unreadable, nameless, unsettled } = summary;
  return [
    words("verify.summary", { count: differences, from: first, to: last, calls, cdrs }),
    ...(unsettled > 0 ? [words("verify.unsettled", { count: unsettled })] : []),
    ...(unreadable > 0 ? [words("verify.unreadable", { count: unreadable })] : []),
    ...(nameless > 0 ? [words("verify.nameless", { count: nameless })] : []),
    ...(cdrs + unreadable + nameless === 0 ? [words("verify.no-cdrs")] : []),
  ];
}

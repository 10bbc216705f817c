// Everything that the overview shows, gathered once for all readers and rendered in the language of each.

import type { Condition } from "../../core/conditions.ts";
import type { LiveCall } from "../../core/live-call.ts";
import { countOutcomes } from "../../journal/calls-search.ts";
import { calledParty } from "../../report/report-rows.ts";
import { amiSecretName } from "../../settings/secrets.ts";
import { dayOf, dayRange } from "../../words/calendar-days.ts";
import type { DeliveryStatus, OutcomeCounts, PbxConnection, SpaceUsage, WebServices } from "../services.ts";
import { type OverviewSentence, overviewSentence } from "./overview-sentence.ts";

export interface LiveCallRow {
  readonly call: LiveCall;
  readonly called: string;
  /** Since the parties were connected, or since it began to ring. */
  readonly elapsedMs: number;
}

export interface OverviewModel {
  readonly now: Date;
  readonly sentence: OverviewSentence;
  readonly conditions: readonly Condition[];
  readonly pbx: PbxConnection;
  readonly calls: readonly LiveCallRow[];
  /** Calls that go on beside those in `calls`. */
  readonly furtherCalls: number;
  readonly talking: number;
  readonly recordingNow: number;
  readonly delivery: DeliverySum;
  readonly space: SpaceShares;
  readonly today: { readonly day: string; readonly counts: OutcomeCounts; readonly total: number };
}

export interface DeliverySum {
  readonly targets: number;
  readonly waiting: number;
  readonly done: number;
  readonly unreachable: boolean;
  readonly oldestForMs: number | undefined;
  readonly nextRunAt: Date | undefined;
}

export interface SpaceShares extends SpaceUsage {
  /** Hours of talk that still fit: 8,000 samples of two bytes a second. */
  readonly hoursLeft: number;
}

const mostCallsShown = 50;
const bytesPerHour = 8_000 * 2 * 3_600;

export async function gatherOverview(services: WebServices, now: Date): Promise<OverviewModel> {
  const settings = services.settings.current();
  const today = dayOf(now.getTime(), settings.timeZone);
  const { fromMs, toMs } = dayRange(today, today, settings.timeZone);
  const [counts, space, deliveries] = await Promise.all([
    countOutcomes(services.db, fromMs, toMs),
    services.space(),
    services.deliveries(),
  ]);
  const liveCalls = services.liveCalls();
  const recordingNow = liveCalls.filter((call) => call.state.kind === "recording").length;
  const conditions = services.conditions();
  const rule = settings.rules.find((candidate) => candidate.members.length > 0);
  const settingsBroken = services.settings.problem() !== undefined;
  return {
    now,
    sentence: overviewSentence({
      now,
      rule: rule && { name: rule.name, enabled: settings.rules.some((each) => each.enabled) },
      hasPbxSecret: services.secrets.get(amiSecretName) !== undefined,
      settingsBroken,
      pbx: services.pbx(),
      conditions,
      recordingNow,
      today: counts,
      targets: deliveries.map((delivery) => ({
        name: delivery.targetName,
        unreachable: delivery.state === "unreachable",
        unreachableSince: conditions.find(({ subject }) => subject === `target:${delivery.targetId}`)?.since,
        waiting: delivery.waiting,
        onHold: delivery.onHold,
      })),
    }),
    // The frame of every page shows a broken settings file already, with its fields.
    conditions: conditions.filter(({ subject }) => !(settingsBroken && subject === "settings")),
    pbx: services.pbx(),
    calls: liveCalls.slice(0, mostCallsShown).map((call) => liveCallRow(call, now)),
    furtherCalls: Math.max(0, liveCalls.length - mostCallsShown),
    talking: liveCalls.length,
    recordingNow,
    delivery: deliverySum(deliveries, now),
    space: { ...space, hoursLeft: Math.floor(space.freeBytes / bytesPerHour) },
    today: { day: today, counts, total: Object.values(counts).reduce((sum, count) => sum + count, 0) },
  };
}

const liveCallRow = (call: LiveCall, now: Date): LiveCallRow => ({
  call,
  called: calledParty({
    direction: call.direction ?? null,
    member_extension: call.memberExtension ?? null,
    to_number: call.toNumber,
  }),
  elapsedMs: Math.max(0, now.getTime() - (call.answeredAt ?? call.startedAt).getTime()),
});

const earliest = (dates: readonly (Date | undefined)[]): Date | undefined =>
  dates.reduce(
    (best, date) => (date !== undefined && (best === undefined || date < best) ? date : best),
    undefined,
  );

function deliverySum(deliveries: readonly DeliveryStatus[], now: Date): DeliverySum {
  const oldest = earliest(deliveries.map((delivery) => delivery.oldestWaitingSince));
  return {
    targets: deliveries.length,
    waiting: deliveries.reduce((sum, delivery) => sum + delivery.waiting, 0),
    done: deliveries.reduce((sum, delivery) => sum + delivery.done, 0),
    unreachable: deliveries.some((delivery) => delivery.state === "unreachable"),
    oldestForMs: oldest && Math.max(0, now.getTime() - oldest.getTime()),
    nextRunAt: earliest(deliveries.map((delivery) => delivery.nextRunAt)),
  };
}

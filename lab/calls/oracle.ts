// Judges recordings by what the phones heard. Due is what a member of a group heard of others, and what anybody heard of
// him; all of that is in some recording, and nothing else is in any. Nothing but the clocks of the voices is believed.

import type { Utterance } from "../sound/voice-finder.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { grown, lengthMs, type Span, union, without } from "./spans.ts";

/** What one phone heard in one call. */
export interface Ear {
  readonly isMember: boolean;
  readonly lane: Lane;
  readonly heard: readonly Utterance[];
}

export interface HeardRecording {
  readonly name: string;
  readonly heard: readonly Utterance[];
}

/** `fromMs` counts from the first word of that voice. */
export type Finding =
  | { readonly kind: "missing"; readonly lane: Lane; readonly fromMs: number; readonly lengthMs: number }
  | { readonly kind: "too-much"; readonly lane: Lane; readonly fromMs: number; readonly lengthMs: number }
  /** Voices of two rooms, which never talk with each other. */
  | { readonly kind: "mixed-up"; readonly recording: string; readonly lanes: readonly Lane[] }
  /** A voice at a moment at which nobody spoke. */
  | { readonly kind: "nobody"; readonly recording: string; readonly lengthMs: number };

/** What the decoder cannot tell: its edges are exact to 7 ms (test/lab/sound/voice-finder.test.ts), two make a gap. */
export const RESOLUTION_MS = 15;
/** Until the recorder has reacted to an event, measured from what the phones hear. */
const REACTION_MS = 100;

export interface Scene {
  readonly lanes: Lanes;
  readonly ears: readonly Ear[];
  readonly recordings: readonly HeardRecording[];
  isMembers(lane: Lane): boolean;
}

export function judge(scene: Scene): Finding[] {
  const recorded = new Map<Lane, Span[]>();
  const findings: Finding[] = scene.recordings.flatMap((recording) =>
    noteRecorded(scene.lanes, recording, recorded),
  );
  for (const lane of scene.lanes.all()) {
    const { start } = lane;
    if (start === undefined) continue;
    const due = dueOf(lane, scene);
    const kept = union(recorded.get(lane) ?? []);
    const told = (kind: "missing" | "too-much") => (span: Span) => ({
      kind,
      lane,
      fromMs: Math.round(span.fromMs - start.ms),
      lengthMs: Math.round(lengthMs(span)),
    });
    const missing = without(due, kept).filter((span) => lengthMs(span) > RESOLUTION_MS);
    const tooMuch = without(kept, grown(due, REACTION_MS)).filter((span) => lengthMs(span) > RESOLUTION_MS);
    findings.push(...missing.map(told("missing")), ...tooMuch.map(told("too-much")));
  }
  return findings;
}

function dueOf(lane: Lane, { lanes, ears, isMembers }: Scene): Span[] {
  const spans = ears
    .filter((ear) => ear.lane !== lane && (ear.isMember || isMembers(lane)))
    .flatMap(({ heard }) => heard.filter((utterance) => laneOf(lanes, utterance) === lane));
  return union(spans);
}

function noteRecorded(lanes: Lanes, recording: HeardRecording, recorded: Map<Lane, Span[]>): Finding[] {
  const voices = new Set<Lane>();
  const findings: Finding[] = [];
  for (const utterance of recording.heard) {
    const lane = laneOf(lanes, utterance);
    if (lane === undefined) {
      findings.push({ kind: "nobody", recording: recording.name, lengthMs: Math.round(lengthMs(utterance)) });
      continue;
    }
    voices.add(lane);
    recorded.set(lane, [...(recorded.get(lane) ?? []), utterance]);
  }
  if (new Set([...voices].map(({ room }) => room)).size > 1)
    findings.push({ kind: "mixed-up", recording: recording.name, lanes: [...voices] });
  return findings;
}

const laneOf = (lanes: Lanes, { band, fromMs, untilMs }: Utterance): Lane | undefined =>
  lanes.at({ band, ms: (fromMs + untilMs) / 2 });

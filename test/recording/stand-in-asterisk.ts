// Stands in for Asterisk's MixMonitor: writes the files that it would write, and does what the real one does not do when
// asked: refuse, lose its answer, leave a header open. What it says of itself is measured on 22 and 16: the channel's
// variable keeps the id of a MixMonitor that was stopped, and a second stop is refused.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { PbxError } from "../../src/core/errors.ts";
import type { MixMonitorRequest } from "../../src/pbx/ami-actions.ts";
import type { Snapshot } from "../../src/pbx/channel-snapshot.ts";
import { wavBytes } from "../support/wav.ts";

export type StandInAsterisk = ReturnType<typeof createStandIn>;

export const refused = (code: string): PbxError => new PbxError(code, { code, hint: "" });

const bytesPerMs = 16;

export function createStandIn() {
  /** MixMonitors that run, by their id. */
  const monitors = new Map<string, { readonly channel: string; readonly file: string }>();
  const variables = new Map<string, string>();
  const gone = new Set<string>();
  let lastId = 0;
  const state = {
    /** What happened, in order: `start channel`, `append channel`, `stop channel`. */
    done: [] as string[],
    /** Channels on which two MixMonitors ran at once. */
    doubled: [] as string[],
    /** The next MixMonitor is answered with this. */
    refusal: undefined as PbxError | undefined,
    /** Called before a MixMonitor is answered. */
    onStart: async (_file: string): Promise<void> => undefined,
    /** Asterisk is killed instead of closing its files: headers stay open. */
    leavesHeadersOpen: false,
    /** Nothing reaches it, and nothing comes back. */
    isCutOff: false,
    /** The next action is carried out, but its answer is lost. */
    losesAnswer: false,
    snapshotChannels: [] as Snapshot["channels"],
    /** The next question whether a phone holds is answered with this. */
    holdRefusal: undefined as PbxError | undefined,
    /** Channels whose phones hold. */
    onHold: new Set<string>(),
    /** The stream of RTP that is heard from a channel. */
    ssrcs: new Map<string, number>(),
    snapshotError: undefined as PbxError | undefined,
  };

  const answer = async <T>(carryOut: () => T): Promise<T> => {
    if (state.isCutOff) throw refused("pbx-not-connected");
    const result = carryOut();
    if (!state.losesAnswer) return result;
    state.losesAnswer = false;
    throw refused("pbx-connection-lost");
  };

  /** As `answer`, of what changes nothing: its loss is no matter. */
  const say = async <T>(read: () => T): Promise<T> => {
    if (state.isCutOff) throw refused("pbx-not-connected");
    return read();
  };

  const close = (id: string): void => {
    const file = monitors.get(id)?.file;
    monitors.delete(id);
    if (file === undefined || state.leavesHeadersOpen || !existsSync(file)) return;
    writeFileSync(file, wavBytes({ durationMs: (readFileSync(file).length - 44) / bytesPerMs }));
  };

  const start = ({ channel, file, append = false }: MixMonitorRequest): { mixMonitorId: string } => {
    if (gone.has(channel)) throw refused("pbx-no-such-channel");
    const mixMonitorId = `0x${++lastId}`;
    if (isRecorded(channel)) state.doubled.push(channel);
    monitors.set(mixMonitorId, { channel, file });
    variables.set(channel, mixMonitorId);
    state.done.push(`${append ? "append" : "start"} ${channel}`);
    if (append && existsSync(file)) appendFileSync(file, Buffer.alloc(100 * bytesPerMs, 1));
    else writeFileSync(file, wavBytes({ durationMs: 1000, closed: false }));
    return { mixMonitorId };
  };

  const stop = (channel: string, id: string): void => {
    if (gone.has(channel)) throw refused("pbx-no-such-channel");
    if (monitors.get(id)?.channel !== channel) throw refused("pbx-refused-action");
    state.done.push(`stop ${channel}`);
    close(id);
  };

  const isRecorded = (channel: string): boolean =>
    [...monitors.values()].some((monitor) => monitor.channel === channel);

  return Object.assign(state, {
    async mixMonitor(request: MixMonitorRequest) {
      await state.onStart(request.file);
      if (state.refusal !== undefined) {
        const refusal = state.refusal;
        state.refusal = undefined;
        throw refusal;
      }
      return answer(() => start(request));
    },
    stopMixMonitor: ({ channel, mixMonitorId = "" }: { channel: string; mixMonitorId?: string }) =>
      answer(() => stop(channel, mixMonitorId)),
    getVar: ({ channel = "" }: { readonly channel?: string }) => answer(() => variables.get(channel) ?? ""),
    snapshot: (): Promise<Snapshot> =>
      answer(() => {
        if (state.snapshotError !== undefined) throw state.snapshotError;
        return { type: "Snapshot", at: new Date(), channels: state.snapshotChannels };
      }),
    /** The channel is hung up: Asterisk closes its file before it says so. */
    hangUp(channel: string): void {
      gone.add(channel);
      for (const [id, monitor] of monitors) if (monitor.channel === channel) close(id);
    },
    isOnHold: (channel: string): Promise<boolean> =>
      say(() => {
        const refusal = state.holdRefusal;
        state.holdRefusal = undefined;
        if (refusal !== undefined) throw refusal;
        return state.onHold.has(channel);
      }),
    heardSsrc: (channel: string): Promise<number | undefined> => say(() => state.ssrcs.get(channel)),
    isRecorded,
    recordedChannels: (): readonly string[] => [...monitors.values()].map((monitor) => monitor.channel),
  });
}

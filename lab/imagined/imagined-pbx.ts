// A PBX in the imagination: does what phones ask of it, tells the events that Asterisk would tell, in its order, and
// knows who can really hear whom. Calls, moves and transfers follow the recorded traces.

import type { CallEvent, ChannelFacts, DialStatus, SnapshotChannel } from "../../src/core/call-event.ts";

/** Who is connected now, by channel; whoever holds neither hears the others nor is heard. */
export interface Room {
  readonly channels: readonly (ChannelFacts & { readonly isHeld: boolean })[];
}

interface Line extends ChannelFacts {
  linkedid: string;
  bridgeId: string;
  isHeld: boolean;
}

/** Somebody who rings others, directly or through a Local channel. */
interface Ringing {
  readonly caller: Line;
  readonly callees: Line[];
  readonly local: readonly [Line, Line] | undefined;
}

/** Two who talk, a member and the one with whom he consults before he transfers. */
interface Consultation {
  readonly member: Line;
  readonly second: Line;
}

export type ImaginedPbx = ReturnType<typeof createImaginedPbx>;

export function createImaginedPbx(now: () => Date) {
  const lines = new Map<string, Line>();
  const ringings = new Set<Ringing>();
  const consultations = new Set<Consultation>();
  const locals = new Set<readonly [Line, Line]>();
  let events: CallEvent[] = [];
  let hungUp: string[] = [];
  let serial = 0;

  const tell = (event: CallEvent): number => events.push(event);
  const facts = ({ isHeld: _, bridgeId: __, ...channel }: Line): ChannelFacts => ({ ...channel });

  const bear = (endpoint: string, linkedid?: string, exten = "s"): Line => {
    serial++;
    const uniqueid = `1.${serial}`;
    const half = endpoint.startsWith("Local/") ? endpoint.slice(-2) : "";
    const name = `${half === "" ? endpoint : endpoint.slice(0, -2)}-${String(serial).padStart(8, "0")}`;
    const line: Line = {
      uniqueid,
      linkedid: linkedid ?? uniqueid,
      name,
      up: true,
      callerNumber: "",
      callerName: "",
      connectedNumber: "",
      connectedName: "",
      context: "",
      exten,
      bridgeId: "",
      isHeld: false,
    };
    lines.set(uniqueid, line);
    if (half === "") tell({ type: "Newchannel", at: now(), channel: facts(line) });
    return line;
  };

  const bearLocal = (exten: string, linkedid: string): readonly [Line, Line] => {
    const one = bear(`Local/${exten}@queue;1`, linkedid);
    const two = bear(`Local/${exten}@queue;2`, linkedid);
    const base = one.name;
    Object.assign(one, { name: `${base};1` });
    Object.assign(two, { name: `${base};2` });
    for (const half of [one, two]) tell({ type: "Newchannel", at: now(), channel: facts(half) });
    tell({ type: "LocalBridge", at: now(), one: facts(one), two: facts(two) });
    const pair = [one, two] as const;
    locals.add(pair);
    return pair;
  };

  const dialBegin = (caller: Line, callee: Line): number =>
    tell({ type: "DialBegin", at: now(), caller: facts(caller), callee: facts(callee) });
  const dialEnd = (caller: Line, callee: Line, status: DialStatus): number =>
    tell({ type: "DialEnd", at: now(), caller: facts(caller), callee: facts(callee), status });

  const enter = (line: Line, bridgeId: string): void => {
    leave(line);
    line.bridgeId = bridgeId;
    tell({ type: "BridgeEnter", at: now(), bridgeId, bridgeKind: "direct", channel: facts(line) });
  };
  const leave = (line: Line): void => {
    const { bridgeId } = line;
    if (bridgeId === "") return;
    line.bridgeId = "";
    tell({ type: "BridgeLeave", at: now(), bridgeId, channel: facts(line) });
  };

  const hangUp = (line: Line, cause = 16): void => {
    if (!lines.has(line.uniqueid)) return;
    leave(line);
    lines.delete(line.uniqueid);
    hungUp.push(line.name);
    forgetLocalOf(line);
    tell({ type: "Hangup", at: now(), channel: facts(line), cause });
    for (const consultation of consultations)
      if (consultation.member === line || consultation.second === line) consultations.delete(consultation);
  };

  /** With both halves gone. */
  const forgetLocalOf = (line: Line): void => {
    for (const pair of locals)
      if (pair.includes(line) && !pair.some((half) => lines.has(half.uniqueid))) locals.delete(pair);
  };

  const othersIn = (line: Line): Line[] =>
    line.bridgeId === ""
      ? []
      : [...lines.values()].filter((other) => other !== line && other.bridgeId === line.bridgeId);

  const otherHalf = (line: Line): Line | undefined => {
    for (const [one, two] of locals) if (line === one || line === two) return line === one ? two : one;
    return undefined;
  };

  /** Everybody whom the line can hear, and the Local channels between. */
  const reach = (line: Line): Set<Line> => {
    const found = new Set([line]);
    for (const here of found) {
      for (const other of othersIn(here)) found.add(other);
      const half = otherHalf(here);
      if (half !== undefined && lines.has(half.uniqueid)) found.add(half);
    }
    return found;
  };
  const isLocal = (line: Line): boolean => line.name.startsWith("Local/");
  const talking = (): Line[] =>
    [...lines.values()].filter(
      (line) => !isLocal(line) && [...reach(line)].some((l) => l !== line && !isLocal(l)),
    );

  return {
    /** Rings all of them at once, or one by a Local channel as a queue does. */
    call(from: string, to: readonly string[], throughLocal: boolean): void {
      const caller = bear(from, undefined, "100");
      const local = throughLocal ? bearLocal("10", caller.linkedid) : undefined;
      if (local !== undefined) dialBegin(caller, local[0]);
      const dialler = local?.[1] ?? caller;
      const callees = to.map((endpoint) => bear(endpoint, caller.linkedid));
      for (const callee of callees) dialBegin(dialler, callee);
      ringings.add({ caller, callees, local });
    },
    answer(ringing: Ringing, winner: Line): void {
      const { caller, callees, local } = ringing;
      ringings.delete(ringing);
      const dialler = local?.[1] ?? caller;
      for (const loser of callees) {
        if (loser === winner) continue;
        dialEnd(dialler, loser, "CANCEL");
        hangUp(loser, 26);
      }
      dialEnd(dialler, winner, "ANSWER");
      enter(winner, `b${++serial}`);
      enter(dialler, winner.bridgeId);
      if (local === undefined) return;
      dialEnd(caller, local[0], "ANSWER");
      enter(local[0], `b${++serial}`);
      enter(caller, local[0].bridgeId);
    },
    refuse(ringing: Ringing, callee: Line): void {
      const { caller, callees, local } = ringing;
      dialEnd(local?.[1] ?? caller, callee, "BUSY");
      hangUp(callee, 17);
      callees.splice(callees.indexOf(callee), 1);
      if (callees.length === 0) this.abandon(ringing);
    },
    abandon(ringing: Ringing): void {
      const { caller, callees, local } = ringing;
      ringings.delete(ringing);
      for (const callee of callees) {
        dialEnd(local?.[1] ?? caller, callee, "CANCEL");
        hangUp(callee, 26);
      }
      if (local !== undefined) {
        dialEnd(caller, local[0], "CANCEL");
        for (const half of local) hangUp(half);
      }
      hangUp(caller);
    },
    hold(line: Line): void {
      line.isHeld = !line.isHeld;
      tell({ type: line.isHeld ? "Hold" : "Unhold", at: now(), channel: facts(line) });
    },
    unholdAll(): void {
      for (const line of lines.values()) if (line.isHeld) this.hold(line);
    },
    /** The others are left alone in their bridges and go, as Dial does it. */
    hangUp(line: Line): void {
      const all = [...reach(line)];
      hangUp(line);
      for (const other of all) hangUp(other);
    },
    /** `line` leaves, and the one with whom it talked rings somebody else. */
    blindTransfer(line: Line, to: string): void {
      const [peer, ...more] = othersIn(line);
      if (peer === undefined || more.length > 0 || isLocal(peer)) return;
      leave(line);
      leave(peer);
      hangUp(line);
      const callee = bear(to, peer.linkedid);
      dialBegin(peer, callee);
      ringings.add({ caller: peer, callees: [callee], local: undefined });
    },
    /** `line` holds its peer and calls somebody else, on a channel and under a linkedid of its own. */
    consult(line: Line, to: string): void {
      if (!line.isHeld) this.hold(line);
      const second = bear(line.name.slice(0, line.name.lastIndexOf("-")), undefined, "12");
      const callee = bear(to, second.linkedid);
      dialBegin(second, callee);
      dialEnd(second, callee, "ANSWER");
      enter(callee, `b${++serial}`);
      enter(second, callee.bridgeId);
      consultations.add({ member: line, second });
    },
    /** The peer moves into the bridge of the consultation; the calls are one from now on. */
    completeTransfer(consultation: Consultation): void {
      const { member, second } = consultation;
      consultations.delete(consultation);
      const [peer] = othersIn(member);
      if (peer === undefined || othersIn(second).length === 0) return;
      const { bridgeId } = second;
      leave(second);
      enter(peer, bridgeId);
      for (const line of reach(peer)) line.linkedid = peer.linkedid;
      hangUp(member);
      hangUp(second);
    },
    /** The Local channel between two bridges is taken out. */
    optimise([one, two]: readonly [Line, Line]): void {
      const [near] = othersIn(two);
      if (one.bridgeId === "" || near === undefined) return;
      const { bridgeId } = one;
      leave(near);
      leave(one);
      enter(near, bridgeId);
      hangUp(one);
      hangUp(two);
    },
    joinConference(endpoint: string): void {
      enter(bear(endpoint, undefined, "300"), "conference");
    },
    hangUpAll(): void {
      ringings.clear();
      for (const line of [...lines.values()]) hangUp(line);
    },
    ringings: (): readonly Ringing[] => [...ringings],
    consultations: (): readonly Consultation[] => [...consultations],
    locals: (): readonly (readonly [Line, Line])[] =>
      [...locals].filter(([one, two]) => lines.has(one.uniqueid) && lines.has(two.uniqueid)),
    talking,
    lineCount: () => lines.size,
    rooms(): readonly Room[] {
      const rooms = new Map<string, Room>();
      for (const line of talking()) {
        const inside = [...reach(line)].filter((other) => !isLocal(other));
        const key = inside
          .map((other) => other.uniqueid)
          .sort()
          .join();
        rooms.set(key, {
          channels: inside.map((other) => ({ ...facts(other), isHeld: other.isHeld })),
        });
      }
      return [...rooms.values()];
    },
    snapshot: (): readonly SnapshotChannel[] =>
      [...lines.values()].map((line) => ({
        ...facts(line),
        bridgeId: line.bridgeId,
        bridgeKind: "direct" as const,
        onHold: line.isHeld,
        durationMs: 1000,
      })),
    /** What happened since the last time, and whose channels ended. */
    take(): { readonly events: readonly CallEvent[]; readonly hungUp: readonly string[] } {
      const taken = { events, hungUp };
      events = [];
      hungUp = [];
      return taken;
    },
  };
}

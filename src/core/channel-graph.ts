// Who is connected with whom: channels in bridges, the two halves of a Local channel, and pairs that an answer has just
// joined. The call tracker keeps it up to date; it knows channels by their uniqueids and nothing else of them.

import type { BridgeKind } from "./call-event.ts";

interface Node {
  bridgeId: string | undefined;
  /** The channel with which an answer has joined it, while they are not in a bridge together yet. */
  joinedWith: string | undefined;
  otherHalf: string | undefined;
}

export interface ChannelGraph {
  bridgeOf(channel: string): string | undefined;
  /** In a `holding` bridge each one waits by himself. */
  enterBridge(channel: string, bridgeId: string, kind?: BridgeKind): void;
  isParked(channel: string): boolean;
  leaveBridge(channel: string): void;
  /** They can speak with each other from now on, and will be in a bridge in a moment. */
  join(one: string, other: string): void;
  /** Takes a join back that did not become a bridge. */
  part(channel: string): void;
  pairHalves(one: string, two: string): void;
  remove(channel: string): void;
  /** The channel and everybody whom its sound can reach: through bridges, joins and Local channels. */
  around(channel: string): ReadonlySet<string>;
}

export function createChannelGraph(): ChannelGraph {
  const nodes = new Map<string, Node>();
  const bridges = new Map<string, Set<string>>();
  const holdingBridges = new Set<string>();

  const nodeOf = (channel: string): Node => {
    const known = nodes.get(channel);
    if (known !== undefined) return known;
    const node: Node = { bridgeId: undefined, joinedWith: undefined, otherHalf: undefined };
    nodes.set(channel, node);
    return node;
  };

  const isHolding = (bridgeId: string | undefined): boolean =>
    bridgeId !== undefined && holdingBridges.has(bridgeId);

  /** Whoever can speak with each other in that bridge. */
  const membersOf = (bridgeId: string | undefined): ReadonlySet<string> =>
    (bridgeId === undefined || isHolding(bridgeId) ? undefined : bridges.get(bridgeId)) ?? nobody;

  const part = (channel: string): void => {
    const node = nodes.get(channel);
    if (node?.joinedWith === undefined) return;
    const other = nodes.get(node.joinedWith);
    if (other?.joinedWith === channel) other.joinedWith = undefined;
    node.joinedWith = undefined;
  };

  const leaveBridge = (channel: string): void => {
    const node = nodes.get(channel);
    if (node?.bridgeId === undefined) return;
    const inside = bridges.get(node.bridgeId);
    inside?.delete(channel);
    if (inside?.size === 0) {
      bridges.delete(node.bridgeId);
      holdingBridges.delete(node.bridgeId);
    }
    node.bridgeId = undefined;
    part(channel);
  };

  const unpair = (channel: string): void => {
    const node = nodes.get(channel);
    if (node?.otherHalf === undefined) return;
    const half = nodes.get(node.otherHalf);
    if (half !== undefined) half.otherHalf = undefined;
    node.otherHalf = undefined;
  };

  const isInCompany = (node: Node): boolean => membersOf(node.bridgeId).size > 1;

  return {
    bridgeOf: (channel) => nodes.get(channel)?.bridgeId,
    isParked: (channel) => isHolding(nodes.get(channel)?.bridgeId),
    enterBridge(channel, bridgeId, kind = "direct") {
      const node = nodeOf(channel);
      if (node.bridgeId === bridgeId) return;
      leaveBridge(channel);
      node.bridgeId = bridgeId;
      if (kind === "holding") holdingBridges.add(bridgeId);
      const inside = bridges.get(bridgeId) ?? new Set();
      bridges.set(bridgeId, inside.add(channel));
      if (kind === "holding") part(channel);
      // A join outlives the first of the two entries: it ends when they meet.
      if (inside.size > 1) for (const member of inside) part(member);
    },
    leaveBridge,
    join(one, other) {
      const [node, otherNode] = [nodeOf(one), nodeOf(other)];
      // An answer that is told after the bridge is no news.
      if (isInCompany(node) || isInCompany(otherNode)) return;
      part(one);
      part(other);
      node.joinedWith = other;
      otherNode.joinedWith = one;
    },
    part,
    pairHalves(one, two) {
      unpair(one);
      unpair(two);
      nodeOf(one).otherHalf = two;
      nodeOf(two).otherHalf = one;
    },
    remove(channel) {
      leaveBridge(channel);
      part(channel);
      unpair(channel);
      nodes.delete(channel);
    },
    around(channel) {
      const found = new Set([channel]);
      // A set goes on with what is added to it meanwhile.
      for (const here of found) {
        const node = nodes.get(here);
        if (node === undefined) continue;
        for (const next of membersOf(node.bridgeId)) found.add(next);
        if (node.joinedWith !== undefined) found.add(node.joinedWith);
        if (node.otherHalf !== undefined) found.add(node.otherHalf);
      }
      return found;
    },
  };
}

const nobody: ReadonlySet<string> = new Set();

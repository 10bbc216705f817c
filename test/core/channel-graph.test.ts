import { expect } from "chai";
import fc from "fast-check";
import { type ChannelGraph, createChannelGraph } from "../../src/core/channel-graph.ts";

const around = (graph: ChannelGraph, channel: string): string[] => [...graph.around(channel)].sort();

describe("channel graph", () => {
  it("keeps two who were joined together while they enter the bridge one after the other", () => {
    const graph = createChannelGraph();
    graph.join("a", "b");
    expect(around(graph, "a")).to.deep.equal(["a", "b"]);
    graph.enterBridge("b", "x");
    expect(around(graph, "a")).to.deep.equal(["a", "b"]);
    graph.enterBridge("a", "x");
    graph.leaveBridge("b");
    expect(around(graph, "a")).to.deep.equal(["a"]);
  });

  it("lets nobody be joined with two", () => {
    const graph = createChannelGraph();
    graph.join("a", "b");
    graph.join("a", "c");
    expect(around(graph, "b")).to.deep.equal(["b"]);
    expect(around(graph, "a")).to.deep.equal(["a", "c"]);
  });

  it("reaches through the halves of Local channels, also in a ring", () => {
    const graph = createChannelGraph();
    graph.pairHalves("one", "two");
    graph.enterBridge("a", "x");
    graph.enterBridge("one", "x");
    graph.enterBridge("two", "x");
    graph.enterBridge("b", "x");
    expect(around(graph, "a")).to.deep.equal(["a", "b", "one", "two"]);
  });

  type Step = (graph: ChannelGraph) => void;
  const channel = fc.constantFrom("a", "b", "c", "d", "e");
  const two = fc.tuple(channel, channel).filter(([one, other]) => one !== other);
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(channel, fc.constantFrom("x", "y")).map(
      ([id, bridge]): Step =>
        (g) =>
          g.enterBridge(id, bridge),
    ),
    channel.map(
      (id): Step =>
        (g) =>
          g.leaveBridge(id),
    ),
    channel.map(
      (id): Step =>
        (g) =>
          g.remove(id),
    ),
    two.map(
      ([one, other]): Step =>
        (g) =>
          g.join(one, other),
    ),
    two.map(
      ([one, other]): Step =>
        (g) =>
          g.pairHalves(one, other),
    ),
  );

  it("is the same seen from everybody in it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const graph = createChannelGraph();
        for (const act of steps) act(graph);
        for (const id of "abcde")
          for (const other of graph.around(id)) expect(around(graph, other)).to.deep.equal(around(graph, id));
      }),
    );
  });
});

import { expect } from "chai";
import { createFreedChannels } from "../../src/recording/freed-channels.ts";

describe("channels whose recording was freed", () => {
  const setUp = (cutOff: "stuck" | "forced" = "stuck") => {
    const freed = createFreedChannels();
    freed.add("alice", ["trunk", "bob"], cutOff);
    return freed;
  };

  it("rest while the same people are there, also on hold", () => {
    const freed = setUp();
    expect(freed.rests("alice", ["bob", "trunk"])).to.equal(true);
    expect(freed.rests("alice", [])).to.equal(true);
    expect(freed.rests("alice", ["trunk", "bob"])).to.equal(true);
    expect(freed.rests("carol", ["trunk", "bob"])).to.equal(false);
  });

  it("rest no longer when others are there, or the same after they were gone", () => {
    const others = setUp();
    expect(others.rests("alice", ["trunk"])).to.equal(false);
    expect(others.rests("alice", ["trunk", "bob"])).to.equal(false);
    const same = setUp();
    same.isAlone("alice");
    expect(same.rests("alice", [])).to.equal(true);
    expect(same.rests("alice", ["trunk", "bob"])).to.equal(false);
  });

  it("rest no longer when somebody there sends audio again", () => {
    for (const who of ["alice", "trunk"]) {
      const freed = setUp();
      expect(freed.received(who, 100)).to.deep.equal([]);
      expect(freed.received("stranger", 101)).to.deep.equal([]);
      expect(freed.received(who, 100)).to.deep.equal([]);
      expect(freed.received(who, 150)).to.deep.equal(["alice"]);
      expect(freed.received(who, 200)).to.deep.equal([]);
      expect(freed.rests("alice", ["trunk", "bob"])).to.equal(false);
    }
  });

  it("rest for good where they were ended by force, since those never fell silent", () => {
    const freed = setUp("forced");
    expect([freed.received("trunk", 100), freed.received("trunk", 150)]).to.deep.equal([[], []]);
    expect(freed.rests("alice", ["trunk", "bob"])).to.equal(true);
  });

  it("are forgotten when they are hung up", () => {
    const freed = setUp();
    freed.forget("alice");
    expect(freed.rests("alice", ["trunk", "bob"])).to.equal(false);
  });
});

import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "chai";
import { createConditions } from "../src/core/conditions.ts";
import type { AmiConnectionOptions } from "../src/pbx/ami-connection.ts";
import { connectPbx } from "../src/pbx-side.ts";
import { defaultSettings, type Settings } from "../src/settings/schema.ts";

function setUp() {
  const conditions = createConditions();
  const changes = new Set<(settings: Settings) => void>();
  const pbx = { ...defaultSettings().pbx };
  const secret = { value: "s" as string | undefined };
  /** Hosts to which the link was sent, and how many changes of it were under way at once. */
  const link = { hosts: [] as (string | undefined)[], underWay: 0, most: 0 };
  const release = connectPbx({
    link: {
      async reconnect(options: AmiConnectionOptions | undefined) {
        link.most = Math.max(link.most, ++link.underWay);
        await nextTurn();
        link.hosts.push(options?.host);
        link.underWay--;
      },
      onState: () => () => undefined,
    },
    settings: {
      current: () => ({ ...defaultSettings(), pbx }),
      onChange: (listener) => {
        changes.add(listener);
        return () => changes.delete(listener);
      },
    },
    secrets: { get: () => secret.value },
    conditions,
    spool: { openFolder: "/data/spool/open" },
    log: { info: () => undefined, warn: () => undefined },
    now: () => new Date(),
  });
  const change = (host: string): void => {
    pbx.host = host;
    for (const listener of changes) listener({ ...defaultSettings(), pbx });
  };
  return { change, release, link, conditions };
}

describe("connection to the PBX of the settings", () => {
  it("is exchanged once at a time, and at last for the one that was set last", async () => {
    const { change, release, link } = setUp();
    change("second");
    change("third");
    await release();
    expect(link.most).to.equal(1);
    expect(link.hosts.at(-1)).to.equal("third");
  });

  it("is not exchanged after it was let go", async () => {
    const { change, release, link } = setUp();
    await release();
    const before = link.hosts.length;
    change("late");
    await nextTurn();
    expect(link.hosts).to.have.length(before);
  });
});

import { createServer } from "node:net";
import { expect } from "chai";
import { freePort } from "../../lab/ports.ts";

describe("freePort", () => {
  it("gives ports that can be bound, below the kernel's own range, and none twice", async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort("tcp")));
    expect(new Set(ports).size).to.equal(20);
    for (const port of ports) expect(port).to.be.within(20_000, 31_999);
    const server = createServer();
    await new Promise<void>((done, fail) => server.once("error", fail).listen(ports[0], "127.0.0.1", done));
    await new Promise((done) => server.close(done));
  });
});

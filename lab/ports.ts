// Free ports on loopback for the lab's servers. They come from below the kernel's own range (32768 and up), so that no
// outgoing connection takes one between our look and the server's bind; two labs at once are told apart by chance,
// and by trying again.

import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { LabError } from "./lab-error.ts";

const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const MAX_ATTEMPTS = 200;

const givenOut = new Set<number>();

export async function freePort(protocol: "tcp" | "udp"): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (givenOut.has(port) || !(await canBind(protocol, port))) continue;
    givenOut.add(port);
    return port;
  }
  throw new LabError(
    `no free ${protocol} port between ${FIRST_PORT} and ${LAST_PORT} in ${MAX_ATTEMPTS} attempts`,
    {
      code: "lab-no-port",
      hint: "End what holds thousands of ports on this machine.",
    },
  );
}

export async function canBind(protocol: "tcp" | "udp", port: number): Promise<boolean> {
  if (protocol === "tcp") {
    const server = createServer().listen(port, "127.0.0.1");
    const bound = await succeeds(once(server, "listening"));
    if (bound) await new Promise((done) => server.close(done));
    return bound;
  }
  const socket = createSocket("udp4");
  const listening = once(socket, "listening");
  socket.bind(port, "127.0.0.1");
  const bound = await succeeds(listening);
  socket.close();
  return bound;
}

async function succeeds(bind: Promise<unknown>): Promise<boolean> {
  try {
    await bind;
    return true;
  } catch {
    return false;
  }
}

// The PBX of bench:events, in a process of its own: greets, lets everybody in, and pours the prepared stream out.
import { createServer } from "node:net";
import { createEventStream } from "./event-stream.ts";

/** After the login, so that a client has finished whatever it asks for at first. */
const startDelayMs = 100;

const { bytes, events, wanted } = createEventStream(Number(process.argv[2]));

const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    for (const action of chunk.toString().split("\r\n\r\n")) {
      const id = /^ActionID: (.*)$/im.exec(action)?.[1]?.trim();
      if (id === undefined) continue;
      socket.write(`Response: Success\r\nActionID: ${id}\r\nMessage: Authentication accepted\r\n\r\n`);
      if (/^Action: Login/im.test(action)) setTimeout(() => socket.write(bytes), startDelayMs);
    }
  });
  socket.write("Asterisk Call Manager/11.0.0\r\n");
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.send?.({ port, events, wanted, bytes: bytes.length });
});
process.once("disconnect", () => process.exit());

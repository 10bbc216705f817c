// Cuts the byte stream of an AMI connection into messages, wherever the network cut it, in bounded memory. It hands out
// positions, not copies: four messages in five are of no interest and end here.

/** Called with the bytes of one message, without its closing empty line. Valid only during the call. */
export type MessageSink = (bytes: Buffer, start: number, end: number) => void;

export interface AmiSplitter {
  /** False when a message is longer than the limit: the stream is of no use any more, and nothing is kept of it. */
  push(chunk: Buffer): boolean;
  /** Bytes of an unfinished message that are being kept. */
  readonly heldBytes: number;
}

const CR = 13;
const LF = 10;
const endOfMessage = "\r\n\r\n";

export function createAmiSplitter(maxMessageBytes: number, sink: MessageSink): AmiSplitter {
  // The unfinished message lies at the front of `held`, which doubles as it grows.
  let held = Buffer.alloc(0);
  let heldBytes = 0;

  function append(chunk: Buffer): void {
    const needed = heldBytes + chunk.length;
    if (needed > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, held.length * 2, 4_096));
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    chunk.copy(held, heldBytes);
    heldBytes = needed;
  }

  return {
    push: (chunk) => {
      let bytes = chunk;
      let searchFrom = 0;
      const continued = heldBytes > 0;
      if (continued) {
        // What was held has been searched already, but for an end that the cut fell into.
        searchFrom = Math.max(0, heldBytes - endOfMessage.length + 1);
        append(chunk);
        bytes = held.subarray(0, heldBytes);
      }
      let start = 0;
      for (;;) {
        // Asterisk sometimes writes an empty line too many; it belongs to no message.
        while (bytes[start] === CR || bytes[start] === LF) start += 1;
        const end = bytes.indexOf(endOfMessage, Math.max(start, searchFrom), "latin1");
        if (end < 0) break;
        if (end - start > maxMessageBytes) {
          heldBytes = 0;
          return false;
        }
        sink(bytes, start, end);
        start = end + endOfMessage.length;
      }
      if (bytes.length - start > maxMessageBytes) {
        held = Buffer.alloc(0);
        heldBytes = 0;
        return false;
      }
      if (continued) {
        held.copyWithin(0, start, heldBytes);
        heldBytes -= start;
      } else if (start < bytes.length) {
        append(bytes.subarray(start));
      }
      return true;
    },
    get heldBytes() {
      return heldBytes;
    },
  };
}

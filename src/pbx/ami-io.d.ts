// What Mitschnitt uses of ami-io 1.2.1, which has no types of its own. `lib/index.js` and not the package's main file:
// that one looks at `module.parent`, takes an ES module for a command line, and ends the process.

declare module "ami-io/lib/index.js" {
  import type { EventEmitter } from "node:events";
  import type { Socket } from "node:net";

  export interface ClientConfig {
    host: string;
    port: number;
    login: string;
    password: string;
    encoding?: BufferEncoding;
    logger?: SilentLogger;
  }

  /** `connect` → `initSocket` → event `needAuth` with the greeting → `auth` → `splitMessages`. */
  export class Client extends EventEmitter {
    constructor(config: ClientConfig);
    config: ClientConfig;
    connected: boolean;
    socket: Socket;
    connect(shouldReconnect?: boolean, reconnectTimeoutMs?: number): void;
    disconnect(): void;
    initSocket(): void;
    auth(greeting: string): void;
    splitMessages(data: string | Buffer): void;
    send(action: Message, callback: (error: unknown, response?: unknown) => void): void;
    /** Version of the manager protocol, as `9.0.0`. */
    getVersion(): string;
    _setVersion(greeting: string): void;
  }

  export class Message {
    [header: string]: unknown;
    set(name: string, value: string): void;
    format(): string;
  }

  export const Action: {
    readonly Action: new (name: string) => Message;
    readonly Login: new (user: string, secret: string) => Message;
    readonly Logoff: new () => Message;
    readonly Ping: new () => Message;
  };

  export class SilentLogger {}
}

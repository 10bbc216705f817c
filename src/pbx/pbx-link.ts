// The module's one way to the PBX, whichever PBX the settings name: a connection that can be exchanged for another
// while everybody keeps holding the same link.

import { PbxError } from "../core/errors.ts";
import type { AmiConnection, AmiConnectionOptions, AmiState } from "./ami-connection.ts";
import { createAmiConnection } from "./ami-connection.ts";
import type { AmiEvent } from "./ami-message.ts";

export interface PbxLink extends AmiConnection {
  /** Lets go of the present connection and makes one with these options; undefined for none. */
  reconnect(options: AmiConnectionOptions | undefined): Promise<void>;
}

export function createPbxLink(): PbxLink {
  const stateListeners = new Set<(state: AmiState) => void>();
  const eventListeners = new Set<(event: AmiEvent) => void>();
  let connection: AmiConnection | undefined;
  let release = (): void => undefined;

  const letGo = async (): Promise<void> => {
    const former = connection;
    connection = undefined;
    release();
    release = () => undefined;
    await former?.stop();
  };

  return {
    get state() {
      return connection?.state ?? { state: "stopped" };
    },
    start: () => connection?.start(),
    stop: letGo,
    async reconnect(options) {
      await letGo();
      for (const listener of stateListeners) listener({ state: "stopped" });
      if (options === undefined) return;
      const next = createAmiConnection(options);
      const releases = [
        next.onState((state) => {
          for (const listener of [...stateListeners]) listener(state);
        }),
        next.onEvent((event) => {
          for (const listener of eventListeners) listener(event);
        }),
      ];
      release = () => {
        for (const off of releases) off();
      };
      connection = next;
      next.start();
    },
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    send: async (action) => {
      if (connection === undefined) throw noPbx();
      return connection.send(action);
    },
    sendList: async (action, list) => {
      if (connection === undefined) throw noPbx();
      return connection.sendList(action, list);
    },
  };
}

const noPbx = (): PbxError =>
  new PbxError("no PBX is set up", {
    code: "pbx-not-connected",
    hint: "Run `mitschnitt install` on the PBX, or enter its address and secret in the settings.",
  });

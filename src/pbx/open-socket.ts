// The socket to the PBX, plain or TLS. A certificate is always checked: the AMI secret that goes through it is worth
// a shell on the PBX.
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface TlsOptions {
  /** PEM. Without it, the system's authorities are trusted. */
  readonly ca?: string;
  /** The name in the PBX's certificate where it is not `host`. */
  readonly servername?: string;
}

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsOptions | undefined;
}

/** `onOpen` runs when bytes can be sent, after the handshake. Throws for a port or a CA that can be none. */
export function openSocket({ host, port, tls }: SocketAddress, onOpen: () => void): Socket {
  const socket = tls === undefined ? connectTcp({ host, port }, onOpen) : openTls(host, port, tls, onOpen);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 10_000);
  return socket;
}

function openTls(host: string, port: number, { ca, servername }: TlsOptions, onOpen: () => void): Socket {
  // SNI knows no addresses; the certificate is then checked against `host`.
  const name = servername ?? (isIP(host) === 0 ? host : undefined);
  const options = {
    host,
    port,
    ...(ca === undefined ? {} : { ca }),
    ...(name === undefined ? {} : { servername: name }),
  };
  return connectTls(options, onOpen);
}

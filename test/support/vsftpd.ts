// A real vsftpd for one test: its own folder, port and certificate, no account, no PAM, no root. It serves logins as
// `anonymous` whose password has to stand in a file, as the user that launched it (run_as_launching_user); where the
// tests run as root, that is made `nobody`, because vsftpd would give a root process away.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../lab/ports.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

export type FtpSecurity = "none" | "explicit" | "implicit";

export interface Vsftpd {
  readonly port: number;
  readonly user: "anonymous";
  readonly password: string;
  /** Where uploads land. */
  readonly home: string;
  /** PEM; undefined without TLS. */
  readonly certificate: string | undefined;
  /** Commands and replies, as the server wrote them down. */
  log(): string;
  /** Stops answering in the middle of whatever goes on, sessions included. */
  freeze(): void;
  thaw(): void;
  /** Ends the server and its sessions at once, as a crash would. */
  kill(): void;
  stop(): Promise<void>;
}

export interface VsftpdOptions {
  readonly security: FtpSecurity;
  /** Lines of vsftpd.conf that override the usual ones. */
  readonly config?: readonly string[];
  readonly certificate?: { readonly names: string; readonly expired?: boolean };
  /** Called before the server starts, as to mount a small disk there. */
  readonly prepareHome?: (home: string) => Promise<void>;
}

const binary = ["/usr/sbin/vsftpd", "/usr/local/sbin/vsftpd", "/usr/bin/vsftpd"].find((path) =>
  existsSync(path),
);

/** Why there can be no server here; undefined where there can. */
export const whyNoVsftpd = (): string | undefined =>
  binary === undefined ? "vsftpd is not installed (apt-get install vsftpd)" : undefined;

const nobody = 65_534;
const launchAsNobody = process.getuid?.() === 0;
const password = "F7p-Paßwort";

export async function startVsftpd(options: VsftpdOptions): Promise<Vsftpd> {
  if (binary === undefined) throw new Error(whyNoVsftpd());
  const folder = await mkdtemp(join(tmpdir(), "mitschnitt-vsftpd-"));
  const home = join(folder, "home");
  const logFile = join(folder, "log");
  await mkdir(home);
  await options.prepareHome?.(home);
  const certificate = await makeCertificate(folder, options);
  const port = await freePort("tcp");
  await writeFile(join(folder, "passwords"), `${password}\n`);
  await writeFile(join(folder, "vsftpd.conf"), configuration(folder, port, options).join("\n"));
  await writeFile(logFile, "");
  await chmod(folder, 0o755);
  if (launchAsNobody)
    for (const path of [folder, home, logFile, join(folder, "passwords"), join(folder, "vsftpd.conf")])
      await chown(path, nobody, nobody);

  const server = spawn(binary, [join(folder, "vsftpd.conf")], {
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
    ...(launchAsNobody ? { uid: nobody, gid: nobody } : {}),
  });
  await until(`vsftpd answers on port ${port}`, () => answers(port, server));

  return {
    port,
    user: "anonymous",
    password,
    home,
    certificate,
    log: () => readFileSync(logFile, "utf8"),
    freeze: () => signalGroup(server, "SIGSTOP"),
    thaw: () => signalGroup(server, "SIGCONT"),
    kill: () => signalGroup(server, "SIGKILL"),
    async stop() {
      signalGroup(server, "SIGKILL");
      await until("vsftpd ends", () => server.exitCode !== null || server.signalCode !== null);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, port: number, { security, config = [] }: VsftpdOptions): string[] {
  const yes = (on: boolean): string => (on ? "YES" : "NO");
  const tls = security !== "none";
  return [
    "listen=YES",
    "listen_ipv6=NO",
    "listen_address=127.0.0.1",
    `listen_port=${port}`,
    "background=NO",
    "run_as_launching_user=YES",
    "seccomp_sandbox=NO",
    "anonymous_enable=YES",
    "local_enable=NO",
    "secure_email_list_enable=YES",
    `email_password_file=${folder}/passwords`,
    `anon_root=${folder}/home`,
    "write_enable=YES",
    "anon_upload_enable=YES",
    "anon_mkdir_write_enable=YES",
    "anon_other_write_enable=YES",
    "anon_world_readable_only=NO",
    "anon_umask=022",
    "delay_failed_login=0",
    "utf8_filesystem=YES",
    "xferlog_enable=YES",
    "log_ftp_protocol=YES",
    `vsftpd_log_file=${folder}/log`,
    `ssl_enable=${yes(tls)}`,
    `implicit_ssl=${yes(security === "implicit")}`,
    ...(tls
      ? [
          "allow_anon_ssl=YES",
          "force_anon_logins_ssl=YES",
          "force_anon_data_ssl=YES",
          "require_ssl_reuse=YES",
          "ssl_tlsv1=YES",
          "ssl_ciphers=HIGH",
          `rsa_cert_file=${folder}/certificate.pem`,
          `rsa_private_key_file=${folder}/key.pem`,
        ]
      : []),
    ...config,
    "",
  ];
}

async function makeCertificate(
  folder: string,
  { security, certificate = { names: "DNS:localhost,IP:127.0.0.1" } }: VsftpdOptions,
): Promise<string | undefined> {
  if (security === "none") return undefined;
  const [key, request, made] = ["key.pem", "request.pem", "certificate.pem"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await run("openssl", [
    ...[
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      "/CN=test",
      "-keyout",
      key,
      "-out",
      request,
    ],
    ...["-addext", `subjectAltName=${certificate.names}`],
  ]);
  await run("openssl", [
    ...["x509", "-req", "-in", request, "-signkey", key, "-copy_extensions", "copy", "-out", made],
    ...["-days", certificate.expired === true ? "-1" : "2"],
  ]);
  if (launchAsNobody) for (const path of [key, made]) await chown(path, nobody, nobody);
  return readFileSync(made, "utf8");
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

function answers(port: number, server: ChildProcess): Promise<boolean> {
  if (server.exitCode !== null) throw new Error(`vsftpd ended with ${server.exitCode}`);
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

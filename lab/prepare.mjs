// Makes a fresh clone ready for the demo, the tests and the benchmarks, and is silent when there is nothing to do. Runs
// before node_modules exists, so: plain JavaScript, nothing imported but Node.
//
//   node lab/prepare.mjs             packages of npm
//   node lab/prepare.mjs --build     also dist/
//   node lab/prepare.mjs --servers   also Asterisk 22 and 16, and the Debian packages that tests talk to

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MIN_NODE = [20, 19];
const INSTALL_STAMP = join(ROOT, "node_modules/.mitschnitt-installed");
const BUILD_STAMP = join(ROOT, "dist/.built-from");
/** Debian package to the program that it brings. */
const COMPILER = { python3: "python3", make: "make", "g++": "g++" };
const SERVERS = { vsftpd: "vsftpd", openssl: "openssl", chromium: "chromium" };
/** node-gyp compiles on all cores. */
const COMPILE_FAST = { JOBS: "max" };
const POLICY = "/usr/sbin/policy-rc.d";

function say(text) {
  process.stderr.write(`${text}\n`);
}

function giveUp(text) {
  say(text);
  process.exit(1);
}

/** Quiet: what the program printed is returned, for the case that it failed. */
function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 64 << 20,
    timeout: 30 * 60_000,
  });
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim();
  return { ok: result.status === 0, output };
}

/** npm says the reason first, a compiler and apt say it last. */
function excerpt(output) {
  const lines = output.split("\n").filter((line) => !/^npm (warn|notice)/.test(line));
  return lines.length <= 24 ? lines.join("\n") : [...lines.slice(0, 10), "…", ...lines.slice(-14)].join("\n");
}

function isOnPath(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"].filter(
    (folder) => folder !== "",
  );
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingOf(packages) {
  return Object.entries(packages).flatMap(([name, program]) => (isOnPath(program) ? [] : [name]));
}

/** Installs Debian packages where we may; otherwise says what somebody has to install. */
function installDebianPackages(names, why) {
  const command = `apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if (process.getuid?.() !== 0 || !isOnPath("apt-get")) {
    const how = isOnPath("apt-get") ? `Run as root: ${command}` : `Install them (in Debian: ${command})`;
    giveUp(`${why}, and these are missing: ${names.join(", ")}. ${how}. Then try again.`);
  }
  say(`${why}: installing ${names.join(", ")}`);
  // A server that Debian installs would start at once and take its well-known port.
  const holdsServices = !existsSync(POLICY);
  if (holdsServices) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    const update = run("apt-get", ["-q", "update"], quiet);
    const install = run("apt-get", ["-q", "install", "-y", "--no-install-recommends", ...names], quiet);
    if (!install.ok) giveUp(`${command} failed:\n${excerpt(`${update.output}\n${install.output}`)}`);
  } finally {
    if (holdsServices) rmSync(POLICY, { force: true });
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = MIN_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  giveUp(
    `Node.js ${process.versions.node}: expected ${MIN_NODE.join(".")} or newer. See https://nodejs.org/en/download`,
  );
}

/** Of what an installation is made from; native modules fit only one ABI of Node. */
function installFingerprint() {
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  return createHash("sha256").update(lock).update(process.versions.modules).digest("hex");
}

function isInstalled() {
  if (readIfThere(INSTALL_STAMP) === installFingerprint()) return true;
  // Installed by hand: npm's own record tells when.
  const record = join(ROOT, "node_modules/.package-lock.json");
  if (existsSync(INSTALL_STAMP) || !existsSync(record)) return false;
  return statSync(record).mtimeMs >= statSync(join(ROOT, "package-lock.json")).mtimeMs;
}

function sqliteLoads() {
  return run(process.execPath, ["-e", 'new (require("better-sqlite3"))(":memory:").close()']);
}

function installByLock() {
  const options = ["--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const exact = run("npm", ["ci", ...options], COMPILE_FAST);
  // npm ci wants the lock to list the optional packages of every platform, also those that a private registry does
  // not carry. npm install takes the same versions from it and leaves those out.
  return exact.output.includes("EUSAGE")
    ? run("npm", ["install", "--no-save", ...options], COMPILE_FAST)
    : exact;
}

function installPackages() {
  if (isInstalled()) return;
  say("installing packages (npm)");
  let result = installByLock();
  let sqlite = result.ok ? sqliteLoads() : result;
  const missing = missingOf(COMPILER);
  if (!sqlite.ok && missing.length > 0 && /sqlite|gyp|prebuild|python|g\+\+|make/i.test(sqlite.output)) {
    installDebianPackages(missing, "better-sqlite3 has to be compiled here");
    result = installByLock();
    sqlite = result.ok ? sqliteLoads() : result;
  }
  if (!result.ok) giveUp(`the installation of packages failed:\n${excerpt(result.output)}`);
  if (!sqlite.ok) giveUp(`better-sqlite3 was installed but does not load:\n${excerpt(sqlite.output)}`);
  writeFileSync(INSTALL_STAMP, installFingerprint());
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Names, sizes and times of everything that the build reads. */
function buildFingerprint() {
  const hash = createHash("sha256");
  const note = (path) => {
    const { size, mtimeMs } = statSync(join(ROOT, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const path of readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).sort()) {
    if (statSync(join(ROOT, "src", path)).isFile()) note(join("src", path));
  }
  for (const path of ["package.json", "tsconfig.json", "tsconfig.build.json"]) note(path);
  return hash.digest("hex");
}

function build() {
  const fingerprint = buildFingerprint();
  if (readIfThere(BUILD_STAMP) === fingerprint) return;
  say("building (npm run build)");
  const result = run("npm", ["run", "--silent", "build"]);
  if (!result.ok) giveUp(`npm run build failed:\n${excerpt(result.output)}`);
  writeFileSync(BUILD_STAMP, fingerprint);
}

function provideServers() {
  const missing = missingOf(SERVERS);
  if (missing.length > 0) installDebianPackages(missing, "the tests talk to real servers and a real browser");
  const script = `
    const { provisionAsterisk } = await import("./lab/provision/asterisk.ts");
    try {
      await provisionAsterisk(22);
      await provisionAsterisk(16);
    } catch (error) {
      process.stderr.write(\`\${error.message}\\n\${error.hint ?? ""}\\n\`);
      process.exit(1);
    }`;
  const provision = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (provision.status !== 0) process.exit(1);
}

checkNode();
installPackages();
if (process.argv.includes("--build")) build();
if (process.argv.includes("--servers")) provideServers();

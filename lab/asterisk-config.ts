// The configuration of a private Asterisk: what every instance needs to live in a folder of its own, to say nothing
// to the outside, and to be watched by the lab. Dialplan and endpoints come from the caller.

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AsteriskBinary } from "./provision/asterisk.ts";

/** Loaded where present, nothing else; what the lab does not use cannot open a port or fail to start. */
const MODULES = `
  res_timing_timerfd res_pjproject res_sorcery_config res_sorcery_memory res_sorcery_astdb
  res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_registrar
  res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_ip res_pjsip_authenticator_digest
  res_pjsip_refer res_pjsip_nat res_pjsip_logger res_pjsip_rfc3326 res_pjsip_header_funcs res_pjsip_acl
  res_pjsip_pubsub res_http_websocket res_rtp_asterisk chan_pjsip chan_bridge_media
  bridge_simple bridge_native_rtp bridge_softmix bridge_holding bridge_builtin_features
  bridge_builtin_interval_features codec_ulaw codec_alaw codec_resample format_pcm format_wav format_sln
  pbx_config app_dial app_playback app_stack app_verbose app_mixmonitor app_chanspy app_read app_userevent app_db
  app_senddtmf app_queue app_transfer app_echo app_playtones app_exec app_originate app_system app_while
  app_bridgewait app_confbridge app_record app_controlplayback app_directed_pickup app_softhangup
  func_channel func_callerid func_db func_periodic_hook func_strings func_logic func_global func_cut func_math
  func_timeout func_dialplan func_uri func_talkdetect func_shell func_env func_dialgroup func_groupcount
  func_presencestate func_devstate func_hangupcause func_extstate
  cdr_csv res_speech res_agi res_features res_parking res_musiconhold res_manager_devicestate res_clioriginate
`;

export interface AsteriskFolders {
  readonly etcDir: string;
  readonly spoolDir: string;
  /** Where a MixMonitor without a path writes. */
  readonly monitorDir: string;
  readonly logFile: string;
  readonly consoleFile: string;
}

export function foldersIn(dir: string): AsteriskFolders {
  return {
    etcDir: join(dir, "etc"),
    spoolDir: join(dir, "var/spool"),
    monitorDir: join(dir, "var/spool/monitor"),
    logFile: join(dir, "var/log/full"),
    consoleFile: join(dir, "console.log"),
  };
}

export interface ConfigFacts {
  readonly binary: AsteriskBinary;
  readonly dir: string;
  /** Holds the control socket, whose path must stay below 108 characters. */
  readonly runDir: string;
  readonly amiPort: number;
  readonly amiSecret: string;
  /** Modules that are left out although present, without `.so`. */
  readonly withoutModules: readonly string[];
  /** Written as they are, in place of or beside the files below. */
  readonly files: Readonly<Record<string, string>>;
}

export async function writeConfig(facts: ConfigFacts): Promise<void> {
  const { etcDir, monitorDir } = foldersIn(facts.dir);
  for (const folder of [
    etcDir,
    monitorDir,
    ...["lib", "db", "log", "log/cdr-csv", "keys"].map((name) => join(facts.dir, "var", name)),
  ]) {
    await mkdir(folder, { recursive: true });
  }
  const files = { ...standardFiles(facts), ...facts.files };
  for (const [name, text] of Object.entries(files)) await writeFile(join(etcDir, name), text);
}

function standardFiles(facts: ConfigFacts): Record<string, string> {
  const empty = [
    "acl",
    "ccss",
    "cli",
    "cli_permissions",
    "codecs",
    "dsp",
    "extconfig",
    "pjproject",
    "pjsip_notify",
  ];
  return {
    ...Object.fromEntries([...empty, "queuerules", "sorcery", "stasis"].map((name) => [`${name}.conf`, ""])),
    ...Object.fromEntries(
      ["enum", "queues", "res_parking", "features", "udptl", "confbridge"].map((name) => [
        `${name}.conf`,
        "[general]\n",
      ]),
    ),
    "asterisk.conf": asteriskConf(facts),
    "modules.conf": modulesConf(facts),
    "manager.conf": managerConf(facts),
    "logger.conf": "[general]\ndateformat = %F %T.%3q\n\n[logfiles]\nfull => notice,warning,error,verbose\n",
    "rtp.conf": "[general]\nrtpstart = 10000\nrtpend = 19999\nicesupport = no\n",
    "cdr.conf": "[general]\nenable = no\n\n[csv]\nloguniqueid = yes\n",
    "cel.conf": "[general]\nenable = no\n",
    "http.conf": "[general]\nenabled = no\n",
    "dnsmgr.conf": "[general]\nenable = no\n",
    "musiconhold.conf": `[default]\nmode = files\ndirectory = ${facts.binary.dataDir}/moh\n`,
    "indications.conf": `[general]
country = de

[de]
description = Germany
ringcadence = 1000,4000
dial = 425
busy = 425/480,0/480
ring = 425/1000,0/4000
congestion = 425/240,0/240
`,
  };
}

function asteriskConf({ binary, dir, runDir }: ConfigFacts): string {
  return `[directories]
astetcdir => ${dir}/etc
astmoddir => ${binary.moduleDir}
astvarlibdir => ${dir}/var/lib
astdbdir => ${dir}/var/db
astkeydir => ${dir}/var/keys
astdatadir => ${binary.dataDir}
astagidir => ${dir}/var/lib
astspooldir => ${dir}/var/spool
astrundir => ${runDir}
astlogdir => ${dir}/var/log
astsbindir => ${runDir}

[options]
verbose = 3
live_dangerously = no
hideconnect = yes
`;
}

function modulesConf({ binary, withoutModules }: ConfigFacts): string {
  const wanted = MODULES.trim()
    .split(/\s+/)
    .filter((name) => !withoutModules.includes(name));
  const present = wanted.filter((name) => existsSync(join(binary.moduleDir, `${name}.so`)));
  return `[modules]\nautoload = no\n${present.map((name) => `load = ${name}.so\n`).join("")}`;
}

function managerConf({ amiPort, amiSecret }: ConfigFacts): string {
  return `;
; Asterisk Call Management support
;
[general]
enabled = yes
bindaddr = 127.0.0.1
port = ${amiPort}

; Runs this test system.
[lab]
secret = ${amiSecret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = all
write = all
writetimeout = 5000
`;
}

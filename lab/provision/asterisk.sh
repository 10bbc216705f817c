#!/usr/bin/env bash
# asterisk.sh SUITE DIR: unpacks an Asterisk from Debian's archive into DIR, for tests and the demo. Nothing is
# installed: apt downloads into a state of its own, dpkg-deb unpacks, and Asterisk runs by the loader and the
# libraries that came with it. No root, no chroot, no maintainer scripts. SUITE: forky (22) or bullseye (16).
# Silent when it succeeds. Exit codes: 2 usage, 3 apt cannot be used here, 4 download failed, 5 unpacking failed.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

readonly LAYOUT=1 # raise when the packages or the unpacked tree change: older folders are made anew
readonly PACKAGES=(asterisk asterisk-modules asterisk-core-sounds-en-wav asterisk-moh-opsound-wav)

fail() {
  echo "$2" >&2
  exit "$1"
}

suite=${1:-} target=${2:-}
[[ $suite =~ ^[a-z]+$ && -n $target ]] || fail 2 "usage: asterisk.sh forky|bullseye DIR"
mkdir -p "$(dirname "$target")"
target=$(cd "$(dirname "$target")" && pwd)/$(basename "$target")
stamp=.unpacked-$suite-$LAYOUT

complete() { [[ -f $target/$stamp ]] && "$target/asterisk" -V >/dev/null 2>&1; }
complete && exit 0

for tool in apt-get dpkg dpkg-deb flock tar; do
  command -v "$tool" >/dev/null || fail 3 "$tool: not found"
done
for keyring in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg} ''; do [[ -f $keyring ]] && break; done
[[ -n $keyring ]] || fail 3 "no keyring of Debian's archive in /usr/share/keyrings (package debian-archive-keyring)"

# Who comes second waits, and finds the work done. The lock ends with its holder, also when that one is killed.
exec 9>"$target.lock"
flock --wait 900 9 || fail 4 "another process has been unpacking $target for 15 minutes"
complete && exit 0
rm -rf "$target" "$target".part.*
part=$target.part.$$
trap 'rm -rf "$part"' EXIT
apt=$part/apt root=$part/root
mkdir -p "$apt"/etc/preferences.d "$apt"/state/lists/partial "$apt"/cache/archives/partial "$apt"/log "$root"
: >"$apt/state/status"

# Read after the machine's own configuration, which stays in force for proxies and certificates.
cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state"; Dir::State::lists "$apt/state/lists"; Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache"; Dir::Cache::archives "$apt/cache/archives"; Dir::Log "$apt/log";
Dir::Etc::SourceList "$apt/etc/sources.list"; Dir::Etc::SourceParts "-";
Dir::Etc::Preferences "-"; Dir::Etc::PreferencesParts "$apt/etc/preferences.d";
APT::Install-Recommends "0"; APT::Sandbox::User "root"; APT::Get::AllowUnauthenticated "0";
Acquire::Retries "5"; Acquire::Languages "none"; Acquire::Check-Valid-Until "0";
Acquire::http::Timeout "30"; Acquire::https::Timeout "30";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::Contents-deb;
CONF
private_apt() { apt-get -q=2 -c "$apt/apt.conf" "$@" >/dev/null 2>"$apt/errors" 9>&-; }

# apt itself reads the machine's sources, in whichever format they are, and tells where each index would come from.
# "BASE SUITE" a line. Plain suites first: a third party's "bookworm main" does not carry our suite, so it drops out.
sources=$(apt-get update --print-uris 2>/dev/null | sed -nE "s#^'(.+)/dists/([^/']+)/InRelease'.*#\1 \2#p")
mapfile -t mains < <(grep -E ' [a-z]+$' <<<"$sources" | cut -d' ' -f1 | awk '!seen[$0]++')
security=$(grep -m1 -E ' [a-z]+-security$' <<<"$sources" | cut -d' ' -f1 || true)
((${#mains[@]} > 0)) || fail 3 "no Debian archive in /etc/apt/sources.list or /etc/apt/sources.list.d"

# Network errors are tried again; an archive that does not carry the suite is not.
update() {
  local attempt
  for attempt in 1 2 3 4; do
    printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$1" "$suite" >"$apt/etc/sources.list"
    [[ -z $2 ]] || printf 'deb [signed-by=%s] %s %s-security main\n' "$keyring" "$2" "$suite" >>"$apt/etc/sources.list"
    private_apt update && ! grep -q '^[WE]: Failed to fetch' "$apt/errors" && return 0
    ! grep -qE 'does not have a Release file|404 +Not Found|not signed|NO_PUBKEY' "$apt/errors" || return 1
    sleep $((attempt * 2))
  done
  return 1
}
find_archive() {
  local base
  for base in "${mains[@]}"; do
    # Updates for the suite where the machine knows a place for them; testing suites often have none.
    if [[ $suite != forky && -n $security ]] && update "$base" "$security"; then return 0; fi
    if update "$base" ""; then return 0; fi
  done
  return 1
}
find_archive || fail 4 "suite $suite: not to be had from ${mains[*]}: $(tail -n 2 "$apt/errors" | tr '\n' ' ')"

for attempt in 1 2 3 4; do
  private_apt -y --download-only install "${PACKAGES[@]}" && break
  ((attempt < 4)) || fail 4 "packages of $suite: $(tail -n 2 "$apt/errors" | tr '\n' ' ')"
  sleep $((attempt * 2))
done

# Merged /usr: packages of either layout land in usr/.
for folder in bin sbin lib lib64; do
  mkdir -p "$root/usr/$folder"
  ln -s "usr/$folder" "$root/$folder"
done
for package in "$apt"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./usr/share/perl/*' --exclude='./usr/lib/*/perl*' || fail 5 "${package##*/}: cannot be unpacked"
done
rm -rf "$apt"

loaders=("$root"/usr/lib/*/ld-linux*.so.*)
modules=("$root"/usr/lib/asterisk/modules "$root"/usr/lib/*-linux-*/asterisk/modules)
[[ -f ${loaders[0]:-} ]] || fail 5 "no loader among the packages of $suite"
for folder in "${modules[@]}"; do [[ -d $folder ]] && module_dir=${folder#"$part"/}; done
[[ -n ${module_dir:-} ]] || fail 5 "no Asterisk modules among the packages of $suite"
loader=${loaders[0]#"$part"/}
libraries=$(dirname "$loader")

# What the sound packages' scripts do by update-alternatives: sounds/en -> en_US_f_Allison.
for voice in "$root"/usr/share/asterisk/sounds/*_*; do
  name=${voice##*/}
  ln -sfn "$name" "${voice%/*}/${name%%_*}"
done

# Finds itself, so that the folder can be moved. Programs that Asterisk starts are the machine's, with its libraries.
cat >"$part/asterisk" <<WRAPPER
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
root=\$here/root/usr/lib
exec "\$here/$loader" --library-path "\$here/$libraries:\$here/$libraries/asterisk:\$root/asterisk:\$root" \\
  "\$here/root/usr/sbin/asterisk" "\$@"
WRAPPER
chmod +x "$part/asterisk"
"$part/asterisk" -V >/dev/null 2>&1 || fail 5 "the unpacked Asterisk of $suite does not start: $("$part/asterisk" -V 2>&1 | tail -n 1)"
echo "$module_dir" >"$part/module-dir"
touch "$part/$stamp"
mv -T "$part" "$target"

#!/bin/sh
# guard.sh COMMAND ARGUMENTS...: runs the command as this very process, and kills it when standard input ends. The
# other end of that pipe belongs to whoever started it: the kernel closes it however that process ends, also by -9.
exec 3<&0
{
  while read -r _; do :; done
  # Field 4 is our parent. Another number than $$ means that the command ended long ago, and the pid may be another's.
  read -r _ _ _ parent _ </proc/self/stat
  [ "$parent" = $$ ] && kill -KILL $$
} <&3 >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-

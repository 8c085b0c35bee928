# Started by src/cgroups/guard.ts with the folders of an executor's cgroups. Its standard input ends when the
# executor has died, however: then everything in those cgroups is killed and the folders are removed.
trap '' HUP INT TERM
read -r _
round=0
while [ $round -lt 500 ]; do
  left=0
  for dir in "$@"; do
    for sandbox in "$dir"/*/; do
      [ -f "$sandbox/pids.max" ] && echo 0 > "$sandbox/pids.max"
      [ -f "$sandbox/cgroup.kill" ] && echo 1 > "$sandbox/cgroup.kill"
      while read -r pid; do
        [ "$pid" -gt 1 ] && left=1 && kill -9 "$pid"
      done < "$sandbox/cgroup.procs"
      rmdir "$sandbox"
    done
  done
  [ $left = 0 ] && break
  round=$((round + 1))
  sleep 0.01
done
for dir in "$@"; do rmdir "$dir"; done
exit 0

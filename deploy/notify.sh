#!/bin/sh
# Makes the bucket if it is not there, and has the S3 server of docker-compose.yml tell the gateway of every object that
# comes to it or goes: deploy/notify.sh BUCKET
set -eu
[ $# -eq 1 ] || { echo "Usage: $0 BUCKET" >&2; exit 2; }
cd "$(dirname "$0")/.."
docker compose exec -T s3 sh -eu -c '
  mc alias set spool http://127.0.0.1:9000 "$MINIO_ROOT_USER" "$MINIO_ROOT_PASSWORD" >/dev/null
  mc mb --ignore-existing "spool/$1"
  mc event add --ignore-existing "spool/$1" arn:minio:sqs::1:webhook --event put,delete
  mc event list "spool/$1"
' sh "$1"

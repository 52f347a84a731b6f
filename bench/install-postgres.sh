#!/usr/bin/env bash
# Installs PostgreSQL and pgbench on Debian or Ubuntu, for the comparison of `seqr bench`. The
# benchmark starts a temporary cluster of its own; the one that the package would set up is left out.
set -euo pipefail

if [[ $(id -u) -ne 0 ]]; then
  exec sudo bash "${BASH_SOURCE[0]}"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends postgresql-common
sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' \
  /etc/postgresql-common/createcluster.conf
apt-get install --yes --no-install-recommends postgresql postgresql-contrib
ls -d /usr/lib/postgresql/*/bin/pgbench

#!/usr/bin/env bash
# Installs the Debian packages that tests work with. No service is started: each test starts what it needs, on loopback,
# and ends it. Without them the tests that need them are skipped, or fail where CI=true.
set -euo pipefail

packages=(redis-server curl nginx)
# A helpdesk, and what it needs so as not to bring a mail server along.
packages+=(request-tracker5 rt5-db-sqlite rt5-standalone msmtp-mta eatmydata)
# A receiver of syslog over TLS, and what the queries of docs/siem.md are written for.
packages+=(rsyslog rsyslog-gnutls jq)
# A browser, for what pages of others can cause.
packages+=(chromium)
# prlimit, by which a disk is full.
packages+=(util-linux)
# What platform teams apply a patch of a policy with.
packages+=(git patch)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "peers: there already: ${packages[*]}"
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "peers: no apt-get on this machine; install by its own means: ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "peers: needs root to install: ${missing[*]}" >&2
  exit 1
fi

# Packages ask this program whether they may start their service. 101 is "no" (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
# The tests make a database of their own, in a folder of theirs.
for question in install-cronjobs dbconfig-install handle-siteconfig-permissions; do
  echo "request-tracker5 request-tracker5/$question boolean false"
done | debconf-set-selections
install() {
  apt-get install --yes --quiet --quiet --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null
}
echo "peers: installing ${missing[*]}"
# The lists of packages may be absent or too old to find the files that they name.
install >/dev/null 2>&1 || { apt-get update --quiet --quiet && install; }
echo "peers: installed ${missing[*]}"

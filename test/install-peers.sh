#!/bin/sh
# Installs the Debian packages that tests use as real peers, where it may: as root, or with sudo that asks for no password.
# Never fails: a test whose peer is missing skips itself, and its name says which peer it needs.
# PEERS=no leaves the machine as it is.
set -u

packages="mosquitto mosquitto-clients gpsd gpsd-clients gpsd-tools python3-gps can-utils tshark python3-canmatrix python3-nmea2 python3-cbor2 python3-cryptography python3-jsonschema openssl curl iproute2 faketime sumo sumo-tools erlang-base erlang-dev erlang-asn1 python3-shapely libimage-exiftool-perl ffmpeg libjpeg-turbo-progs imagemagick pcl-tools"
services="mosquitto.service gpsd.service gpsd.socket"
list_seconds=120
download_seconds=600
single_seconds=60
policy=/usr/sbin/policy-rc.d

say() { printf 'peers: %s\n' "$*"; }

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_of() {
	for package in "$@"; do is_installed "$package" || printf '%s ' "$package"; done
}

give_up() {
	say "$1; tests whose names say that they need one of these are skipped: $missing"
	exit 0
}

command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 || {
	say "this is no Debian or Ubuntu: install these by hand, or the tests that need them are skipped: $packages"
	exit 0
}

# shellcheck disable=SC2086 # a list of words
missing=$(missing_of $packages)
[ -n "$missing" ] || exit 0
[ "${PEERS:-}" != no ] || give_up "left alone, as asked"

if [ "$(id -u)" = 0 ]; then
	as_root() { env "$@"; }
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	as_root() { sudo -n env "$@"; }
else
	give_up "not root, and sudo would ask for a password"
fi

apt() {
	seconds=$1
	shift
	as_root DEBIAN_FRONTEND=noninteractive LC_ALL=C timeout "$seconds" apt-get -qq -o DPkg::Lock::Timeout=60 -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

log=$(mktemp) || give_up "no temporary file"
policy_is_ours=no
cleanup() {
	rm -f "$log"
	[ "$policy_is_ours" = no ] || as_root rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Lists of today are good enough; a package that this release has not would else cost a renewal at every run.
renewed=no
renew() {
	[ "$renewed" = no ] || return 1
	renewed=yes
	apt "$list_seconds" update >"$log" 2>&1 || say "the package lists could not be renewed; going on with those that are there"
}

say "installing $missing"
fresh_lists() {
	ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 && find /var/lib/apt/lists/partial -maxdepth 0 -mmin -1440 2>/dev/null | grep -q .
}
fresh_lists || renew

wanted=
for package in $missing; do
	if LC_ALL=C apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [^(]'; then
		wanted="$wanted $package"
	else
		say "this release has no $package: left out"
	fi
done

# Daemons that come with a package are not to start: tests run their own, on free ports.
if [ ! -e "$policy" ]; then
	policy_is_ours=yes
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy"
fi

reason() { grep -m1 '^E:' "$log" || echo 'no answer in time'; }

# The network is waited for with a limit; unpacking is not interrupted, which would leave dpkg half done.
install() {
	download_limit=$1
	shift
	apt "$download_limit" install -y --no-install-recommends --download-only "$@" >"$log" 2>&1 &&
		apt 1800 install -y --no-install-recommends --no-download "$@" >"$log" 2>&1
}

# shellcheck disable=SC2086 # a list of words
if [ -n "$wanted" ] && ! install "$download_seconds" $wanted && ! { renew && install "$download_seconds" $wanted; }; then
	say "not all at once ($(reason)); trying one by one"
	for package in $wanted; do install "$single_seconds" "$package" || say "$package: $(reason)"; done
fi

# Nor are they to start at the next boot, on a machine that had them not.
if [ -d /run/systemd/system ]; then
	for package in $missing; do
		for service in $services; do
			case $service in "$package".*) is_installed "$package" && as_root systemctl disable --quiet "$service" >/dev/null 2>&1 ;; esac
		done
	done
fi

# shellcheck disable=SC2086 # a list of words
missing=$(missing_of $packages)
[ -z "$missing" ] || give_up "could not install all"
say "all there"

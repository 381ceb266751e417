#!/bin/sh
# Installs Debian's prometheus, postgresql, tmux and OpenSSH where they are missing and we may:
# root with apt.
# Where we may not, it says so and succeeds: the tests that need them are skipped with the reason
# (and fail the run under CI=true, see conftest.py).
set -eu

missing=""
command -v prometheus >/dev/null 2>&1 || missing="$missing prometheus"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
    missing="$missing postgresql"
command -v tmux >/dev/null 2>&1 || missing="$missing tmux"
# sshd lives in a folder that is often not on PATH.
PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v sshd >/dev/null 2>&1 ||
    missing="$missing openssh-server"
{ command -v ssh && command -v ssh-keygen; } >/dev/null 2>&1 || missing="$missing openssh-client"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Debian's packages start their servers; a policy that refuses keeps them down, sshd on
    # port 22 among them.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
        trap 'rm -f $policy' EXIT
    fi
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
    case $missing in
    *openssh-server*) # nor does it start on the next boot: nobody asked for a way in
        ! command -v systemctl >/dev/null 2>&1 ||
            systemctl --quiet disable ssh.service ssh.socket 2>/dev/null || true
        ;;
    esac
else
    echo "not installed:$missing; the tests that need them will be skipped." >&2
    echo "install them with: sudo apt-get install$missing" >&2
fi

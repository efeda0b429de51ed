# Sourced by ./dev and the tools: messages, package installation, building.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "root rights are needed to run: $* (run as root, or install sudo)"
    fi
}

missing_packages() { # PURPOSE... -> names, one a line
    local purpose packages package
    while read -r purpose packages; do
        case " $* " in *" $purpose "*)
            for package in $packages; do
                dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
            done ;;
        esac
    done < <(grep -v '^#' "$root/tools/packages")
}

# Installs what is missing for the given purposes, and says so.
need() { # PURPOSE...
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -eq 0 ] && return 0
    command -v apt-get >/dev/null || die "these Debian packages are missing and there is no apt-get to install them: ${missing[*]}"
    say "installing Debian packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq
    case " ${missing[*]} " in *" postgresql-15 "*)
        # A throw-away server is all we need: no cluster of the system's own, nothing left running.
        if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null
            echo "create_main_cluster = false" | as_root tee -a /etc/postgresql-common/createcluster.conf >/dev/null
        fi ;;
    esac
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Builds one kind into build/KIND and leaves the program at build/KIND/tributary.
build() { # KIND [NINJA TARGET...]
    local kind=$1 flags=()
    shift
    case $kind in
    release) ;;
    asan) flags=(-DTRIBUTARY_SANITIZE=address,undefined) ;;
    tsan) flags=(-DTRIBUTARY_SANITIZE=thread) ;;
    fuzz) flags=(-DTRIBUTARY_FUZZ=ON -DCMAKE_C_COMPILER=clang) ;;
    clang) flags=(-DCMAKE_C_COMPILER=clang) ;;
    *) die "no such build: $kind (release, asan, tsan, fuzz, clang)" ;;
    esac
    need build
    [ "$kind" = fuzz ] || [ "$kind" = clang ] && need fuzz
    say "building ($kind)"
    cmake -G Ninja -S "$root" -B "$root/build/$kind" "${flags[@]}" >"$root/build/$kind.cmake.log" 2>&1 ||
        { cat "$root/build/$kind.cmake.log" >&2; die "the build could not be configured"; }
    ninja -C "$root/build/$kind" "$@" >"$root/build/$kind.log" 2>&1 ||
        { tail -50 "$root/build/$kind.log" >&2; die "the build failed; the whole log: build/$kind.log"; }
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null && return
    local port
    for port in $(seq 20000 32000 | shuf | head -50); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

#!/usr/bin/env bash
# Installs the Debian packages that pip cannot bring: the OpenGL libraries with which views are drawn without a display,
# the browser that prints report.pdf and in which the report is tested, nginx, which stands between a federation and the
# network, and what Debian leaves out of Python.
set -euo pipefail

packages=(chromium libegl1 libgl1-mesa-dri)
# Qt, in which the panel is tested without a screen, and a font for it.
packages+=(fonts-dejavu-core libdbus-1-3 libfontconfig1 libgl1 libglib2.0-0 libxkbcommon0)
packages+=(nginx)
[ -n "${PYTHON:-}" ] || packages+=(python3)
"${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
# Judges of the DICOM files that the tests write; without them those tests are skipped.
optional=(dcmtk dicom3tools)

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: see to it that these, or their like, are installed: ${packages[*]}" >&2
    exit 0
fi

not_installed() {
    local package status
    for package in "$@"; do
        status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$status" = installed ] || echo "$package"
    done
}

readarray -t missing < <(not_installed "${packages[@]}")
readarray -t missing_optional < <(not_installed "${optional[@]}")

if [ "$(id -u)" -ne 0 ]; then
    [ ${#missing[@]} -gt 0 ] || exit 0
    echo "Debian packages are missing. Install them, then run make again:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    if [[ " ${missing[*]} " == *" nginx "* ]]; then
        echo "nginx is needed as a program only. Where Debian has started a web server with it:" >&2
        echo "    sudo systemctl disable --now nginx" >&2
    fi
    exit 1
fi
[ ${#missing[@]} -gt 0 ] || [ ${#missing_optional[@]} -gt 0 ] || exit 0
# Debian starts a web server of its own with nginx. Only the program is needed here: nothing may listen uninvited.
new_nginx=false
if [ -d /run/systemd/system ] && [[ " ${missing[*]} " == *" nginx "* ]]; then
    new_nginx=true
    systemctl mask --runtime nginx.service
    trap 'systemctl unmask --runtime nginx.service' EXIT
fi
apt-get update --quiet
install() { DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$@"; }
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
! $new_nginx || systemctl disable nginx.service
[ ${#missing_optional[@]} -eq 0 ] || install "${missing_optional[@]}" || echo "Not here: ${missing_optional[*]}" >&2

# For scripts that make a chroot of Debian: `chroot_tools` sets `mirror` and `apt_options`, and installs mmdebstrap.

# The mirror that apt here is configured with: the archive of Debian that it has an index of.
known_mirror() {
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

chroot_tools() {
  local setting
  command -v mmdebstrap >/dev/null || {
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends mmdebstrap
  }
  mirror=$(known_mirror)
  if [ -z "$mirror" ]; then apt-get update -q; mirror=$(known_mirror); fi
  [ -n "$mirror" ] || { echo "apt on this machine knows no mirror of Debian (apt-get indextargets)" >&2; return 2; }
  # How apt here reaches it: proxies, and whether it minds an index that is out of date.
  apt_options=()
  while read -r setting; do apt_options+=("--aptopt=$setting"); done < <(
    apt-config dump | grep -E '^Acquire::(https?::.*[Pp]roxy.*|Check-(Valid-Until|Date)) "..*";$' || true)
}

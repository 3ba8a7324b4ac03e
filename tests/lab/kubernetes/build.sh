#!/usr/bin/env bash
# Builds the real kube-apiserver and kube-controller-manager, version 1.20.2, from Debian 12's source package "kubernetes" with Debian's Go:
# no Debian package ships them. Once for a machine: the programs are kept in a cache outside the repository.
#
#   tests/lab/kubernetes/build.sh           prints the folder with the programs
#
# Needs golang-1.19-go, golang-github-modern-go-reflect2-dev, dpkg-dev, etcd-server, rsync, jq (scripts/install.sh test brings them).
set -euo pipefail

cache=${KOMEK_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/komek-lab}/kubernetes
bin=$cache/bin-1.20.2
mkdir -p "$cache"
# Two builds at once would spoil each other's files; the second finds the first's result.
exec 9>"$cache/lock"
flock 9
done_already() { [ -x "$bin/kube-apiserver" ] && [ -x "$bin/kube-controller-manager" ]; }
if done_already; then echo "$bin"; exit 0; fi

say() { echo "$(date +%T) kube-apiserver: $*" >&2; }
work=$cache/work
rm -rf "$work"
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/home"
cd "$work"

# The machine's own package sources, as sources of source packages, in a private apt: the machine's lists are left alone.
if [ -f /etc/apt/sources.list.d/debian.sources ]; then
  sed 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >apt/src.sources
else
  sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >apt/src.list
fi
cat >apt/options <<C
Dir::Etc::sourcelist "$(echo "$work"/apt/src.*)";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
APT::Sandbox::User "root";
C
say "fetching the source package"
APT_CONFIG=$work/apt/options apt-get update -qq
APT_CONFIG=$work/apt/options apt-get source -qq --download-only kubernetes
dpkg-source --no-check -x kubernetes_*.dsc tree >/dev/null
cd tree

# The vendored reflect2 1.0.1 crashes under Go 1.18 and later (PATCH and PUT end in a panic): Debian's 1.0.2 does not.
rm -rf vendor/github.com/modern-go/reflect2
cp -r /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/
rm -f vendor/github.com/modern-go/reflect2/*_test.go

export PATH=/usr/lib/go-1.19/bin:$PATH HOME=$work/home GOCACHE=$work/gocache GOPATH=$PWD/.go CGO_ENABLED=0 GO111MODULE=off GOFLAGS=
mkdir -p .go/src/k8s.io
ln -sfn ../../.. .go/src/k8s.io/kubernetes
cat >.version <<V
KUBE_GIT_COMMIT='debian'
KUBE_GIT_TREE_STATE='archive'
KUBE_GIT_VERSION='v1.20.2'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
V
export KUBE_GIT_VERSION_FILE=$PWD/.version
say "generating code"
make generated_files >"$work/generate.log" 2>&1 || { tail -20 "$work/generate.log" >&2; exit 1; }
say "compiling"
cd .go/src/k8s.io/kubernetes
vendor=k8s.io/kubernetes/vendor/k8s.io
flags="-s -w"
for package in client-go/pkg component-base; do
  flags="$flags -X $vendor/$package/version.gitVersion=v1.20.2 -X $vendor/$package/version.gitMajor=1"
  flags="$flags -X $vendor/$package/version.gitMinor=20 -X $vendor/$package/version.gitCommit=debian"
done
mkdir -p "$bin.part"
nice go build -ldflags "$flags" -o "$bin.part/" \
  k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager
rm -rf "$bin"
mv "$bin.part" "$bin"
cd "$cache"
rm -rf "$work"
say "done"
echo "$bin"

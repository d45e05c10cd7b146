#!/usr/bin/env bash
# Installs TensorFlow's native library for tfjs-node where its own installer cannot fetch it: the shared library and the C
# headers come out of the tensorflow-cpu wheel of the Python package index, and the small N-API binding is compiled here.
#
#   npm run install-native [-- PROJECT_FOLDER]
#
# Needs Linux x64 with glibc 2.27 or newer, npm, python3 with pip, and g++ with binutils. About 900 MB on disk when done.
# A later `npm install` removes it again: run this last. TF_WHEEL_DIR keeps the wheel for the next time.
set -euo pipefail

tfjs_version=4.22.0
tensorflow_version=2.21.0
wheel_sha256=2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c

if [ "${1:-}" = "--help" ] || [ "${1:-}" = "-h" ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0"
  exit 0
fi
fail() { echo "install-native: $1" >&2; exit 1; }

project=$(cd "${1:-$(dirname "$0")/..}" && pwd)
package="$project/node_modules/@tensorflow/tfjs-node"
[ "$(uname -s)-$(uname -m)" = "Linux-x86_64" ] || fail "only Linux x64 is supported; training works on WebAssembly without this"
for tool in npm node python3 g++ strip; do
  command -v "$tool" >/dev/null || fail "\"$tool\" was not found; it is needed to install the native library"
done
python3 -m pip --version >/dev/null 2>&1 || fail "python3 has no pip; install python3-pip"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
wheels=${TF_WHEEL_DIR:-$scratch}
mkdir -p "$wheels"

installed_version() {
  node -p "try { JSON.parse(require('fs').readFileSync('$package/package.json', 'utf8')).version } catch { '' }"
}

if [ "$(installed_version)" != "$tfjs_version" ]; then
  echo "1/5 tfjs-node $tfjs_version, without its own installer"
  (cd "$project" && npm install --ignore-scripts --no-audit --no-fund --no-save "@tensorflow/tfjs-node@$tfjs_version")
else
  echo "1/5 tfjs-node $tfjs_version is there"
fi

echo "2/5 the tensorflow-cpu $tensorflow_version wheel"
# No Python code of it is used, so the wheel of any interpreter version serves; its hash is pinned.
printf 'tensorflow-cpu==%s --hash=sha256:%s\n' "$tensorflow_version" "$wheel_sha256" > "$scratch/requirements.txt"
python3 -m pip download --quiet --no-deps --only-binary=:all: --implementation cp --python-version 311 \
  --platform manylinux_2_27_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
  --dest "$wheels" --requirement "$scratch/requirements.txt"

echo "3/5 library and headers"
# Built beside the final place and moved there whole, so that a killed run leaves nothing half-written.
staging="$package/deps.partial"
rm -rf "$staging"
mkdir -p "$staging/lib" "$staging/include"
python3 - "$wheels/"tensorflow_cpu-"$tensorflow_version"-*.whl "$staging" <<'PY'
import pathlib, re, shutil, sys, zipfile

libraries = re.compile(r'tensorflow/(libtensorflow_(?:cc|framework)\.so\.2)')
headers = re.compile(r'tensorflow/include/((?:tensorflow/(?:c|core/platform|tsl/platform|tsl/c)|tsl/(?:platform|c)|xla/tsl/(?:c|platform))/.*\.h)')
licences = re.compile(r'(?:.*\.dist-info|tensorflow)/(LICENSE|THIRD_PARTY_NOTICES\.txt)')
target = pathlib.Path(sys.argv[2])
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        for pattern, folder in ((libraries, 'lib'), (headers, 'include'), (licences, '.')):
            match = pattern.fullmatch(name)
            if match:
                place = target / folder / match.group(1)
                place.parent.mkdir(parents=True, exist_ok=True)
                with wheel.open(name) as source, open(place, 'wb') as sink:
                    shutil.copyfileobj(source, sink, 1 << 22)
PY
strip --strip-unneeded "$staging/lib/libtensorflow_cc.so.2" "$staging/lib/libtensorflow_framework.so.2"
ln -s libtensorflow_cc.so.2 "$staging/lib/libtensorflow.so"
ln -s libtensorflow_framework.so.2 "$staging/lib/libtensorflow_framework.so"

echo "4/5 the binding"
# N-API is stable across versions: what is compiled once serves Node 20, 22 and 24.
include=$(node -p "require('path').resolve(process.execPath, '../../include/node')")
if [ ! -f "$include/node_api.h" ]; then
  npm install --prefix "$scratch/headers" --ignore-scripts --no-audit --no-fund node-api-headers@1 >/dev/null
  include="$scratch/headers/node_modules/node-api-headers/include"
fi
# shellcheck disable=SC2016  # $ORIGIN is for the dynamic linker, not for the shell
g++ -O2 -std=c++17 -fPIC -shared -pthread -DNAPI_VERSION=8 -DNODE_GYP_MODULE_NAME=tfjs_binding \
  -I"$staging/include" -I"$include" "$package/binding/tfjs_backend.cc" "$package/binding/tfjs_binding.cc" \
  -L"$staging/lib" -ltensorflow -ltensorflow_framework '-Wl,-rpath,$ORIGIN/../../deps/lib' -o "$scratch/tfjs_binding.node"
rm -rf "$staging/include" "$package/deps"
mv "$staging" "$package/deps"
mkdir -p "$package/lib/napi-v8"
mv "$scratch/tfjs_binding.node" "$package/lib/napi-v8/tfjs_binding.node"

echo "5/5 does it compute?"
cat > "$scratch/check.cjs" <<'JS'
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require(process.argv[2]);
const [sum] = tf.tensor2d([[1, 2], [3, 4]]).matMul(tf.tensor2d([[2, 0], [0, 2]])).sum().dataSync();
if (tf.getBackend() !== 'tensorflow' || sum !== 20) throw new Error('tfjs-node was installed but does not compute');
console.log(`native TensorFlow ${tf.backend().binding.TF_Version} works on Node ${process.version}`);
JS
TF_CPP_MIN_LOG_LEVEL=2 node "$scratch/check.cjs" "$package"

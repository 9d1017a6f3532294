# Sourced before npm: Node from the virtual environment where the system has none (see prepare.py).
[ -d .venv/node ] && PATH="$PWD/.venv/node:$PATH" || true

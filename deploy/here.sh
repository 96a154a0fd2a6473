# Sourced by the scripts beside it: stands in this release's own folder and names its Python. Paths are followed
# now, so that a process goes on with the release it began with when /opt/gongyi leads to a newer one.
cd "$(dirname "$(readlink -f "$0")")/.."
if [ -z "${GONGYI_PYTHON:-}" ]; then
    GONGYI_PYTHON=python
    [ ! -x .venv/bin/python ] || GONGYI_PYTHON="$(pwd -P)/.venv/bin/python"
fi
export GONGYI_PYTHON

# What is missing in the settings is said in a line each, exit 2, before anything begins.
read_settings() {
    "$GONGYI_PYTHON" -c 'import manage; manage.read_settings()'
}

#!/bin/bash -eu
# What OSS-Fuzz runs is what ClusterFuzzLite runs.
exec "$SRC/asyncselect/fuzz/oss-fuzz/build.sh"

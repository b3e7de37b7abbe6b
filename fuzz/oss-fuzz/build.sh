#!/bin/bash -eu
# Builds every fuzz target for a fuzzing service and puts it into $OUT with all that belongs to it. As OSS-Fuzz defines it:
# CC, CXX, CFLAGS, CXXFLAGS say how to compile, LIB_FUZZING_ENGINE what to link, SANITIZER which one it is for; $WORK may be
# written to. It must not know which targets there are.
#
# A target needs the C library of the image that it runs in and nothing else: model, implementation and the C++ library are
# linked into it, and fmt is compiled in. Two go along in $OUT/lib: libmnl, which distributions have as a shared library only,
# and libgcc_s, with which the C library ends a thread (ExitThread): what is linked in must be the same, or the thread aborts.

# Services copy this file to $SRC/build.sh and the project to $SRC/asyncselect.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [[ $here == */fuzz/oss-fuzz ]]; then project=${here%/fuzz/oss-fuzz}; else project=$SRC/asyncselect; fi
: "${OUT:?}" "${WORK:?}" "${CC:?}" "${CXX:?}" "${LIB_FUZZING_ENGINE:?}"
echo "sanitizer: ${SANITIZER:-none}, engine: ${FUZZING_ENGINE:-libfuzzer}"

build=$WORK/asyncselect
# The service's flags are all there is: no build type adds to them.
cmake -S "$project" -B "$build" -G Ninja \
    -DCMAKE_BUILD_TYPE=None \
    -DASYNCSELECT_BUILD_TESTS=OFF \
    -DASYNCSELECT_BUILD_TOOLS=ON \
    -DASYNCSELECT_FMT_IN_HEADERS=ON \
    -DASYNCSELECT_WARNINGS_AS_ERRORS=OFF \
    -DASYNCSELECT_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" \
    -DCMAKE_EXE_LINKER_FLAGS="-static-libstdc++ -shared-libgcc" \
    -DCMAKE_BUILD_RPATH='$ORIGIN/lib'
cmake --build "$build" --target fuzz-targets ${JOBS:+--parallel "$JOBS"}

mkdir -p "$OUT/lib"
seeds=$(mktemp -d)
while IFS= read -r target; do
    cp "$build/bin/fuzz_$target" "$OUT/$target"
    "$build/bin/fuzz_seeds" "$target" "$project" "$seeds/$target"
    # What was found before belongs to the corpus.
    if [[ -d $project/fuzz/regressions/$target ]]; then
        cp "$project/fuzz/regressions/$target"/. -r "$seeds/$target/"
    fi
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd "$seeds/$target" && zip -q -r "$OUT/${target}_seed_corpus.zip" .)
    cp "$project/fuzz/options/$target.options" "$OUT/"
    case $target in
    trace_*) cp "$project/fuzz/dictionaries/trace.dict" "$OUT/$target.dict" ;;
    script_* | live_* | stack_*) cp "$project/fuzz/dictionaries/script.dict" "$OUT/$target.dict" ;;
    esac
    # The libraries that the linker found, under the names by which the target asks for them.
    while IFS= read -r library; do
        [[ $library == "$OUT"/* ]] || cp -L "$library" "$OUT/lib/"
    done < <(ldd "$OUT/$target" | sed -En 's/.*(libmnl|libgcc_s)\.so[^ ]* => ([^ ]*) .*/\2/p')
done <"$build/fuzz_targets.txt"
rm -rf "$seeds"

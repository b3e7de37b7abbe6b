# What kind of machine something was measured on, and Google Benchmark's form for what was measured: common to what measures
# here. It must not know what is measured.
import datetime
import json
import os
import platform
import re


def read(path, default=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return default


def machine():
    """The machine's facts that bear on the figures, as {name: value}."""
    cpu = read("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.*)$", cpu, re.M)
    mhz = re.search(r"^cpu MHz\s*:\s*([\d.]+)$", cpu, re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)
    mitigations = []
    folder = "/sys/devices/system/cpu/vulnerabilities"
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        state = read(f"{folder}/{name}").strip()
        if state.startswith("Mitigation"):
            mitigations.append(name)
    return {
        "processor": model.group(1) if model else platform.machine(),
        "processors": os.cpu_count(),
        "mhz": round(float(mhz.group(1))) if mhz else 0,
        "hypervisor": " hypervisor " in cpu,
        "memory_gib": round(int(memory.group(1)) / 2**20) if memory else 0,
        "kernel": platform.release(),
        "congestion_control": read("/proc/sys/net/ipv4/tcp_congestion_control").strip(),
        "mitigations": ", ".join(mitigations),
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }


def in_words(facts):
    virtual = "a virtual machine, " if facts["hypervisor"] else ""
    return (f"{virtual}{facts['processors']} processors ({facts['processor']}), {facts['memory_gib']} GiB, Linux "
            f"{facts['kernel']}, congestion control {facts['congestion_control']}, load before {facts['load_before'][0]}")


def context(facts, executable):
    """The head of a file of Google Benchmark's."""
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "executable": executable,
        "num_cpus": facts["processors"],
        "mhz_per_cpu": facts["mhz"],
        "cpu_scaling_enabled": False,
        "load_avg": facts["load_before"],
        "library_build_type": "release",
        "machine": facts,
    }


def one_run(name, repetition, repetitions, iterations, real_ns, cpu_ns, **more):
    return {
        "name": name, "run_name": name, "run_type": "iteration", "repetitions": repetitions,
        "repetition_index": repetition, "threads": 1, "iterations": iterations, "real_time": real_ns,
        "cpu_time": cpu_ns, "time_unit": "ns", **more,
    }


def write(path, whole):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(whole, file, indent=1)
        file.write("\n")

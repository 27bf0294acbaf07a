# Complexity and latency depend on the networks alone: no training has to be done first.
rule count:
    output:
        f"{RESULTS}/complexity/{{method}}/x{{scale}}.json",
    params:
        digests=digests_of_complexity,
    log:
        f"{RESULTS}/logs/count/{{method}}-x{{scale}}.log",
    conda:
        "../../environment.yml"
    shell:
        "hitsr count --config {CONFIG} --method {wildcards.method} --scale {wildcards.scale} --output {output}"
        " 2>&1 | tee {log}"


# takes all cores, so that nothing else runs beside it
rule time:
    output:
        f"{RESULTS}/latency/x{{scale}}.json",
    params:
        digests=digests_of_latency,
    threads: workflow.cores
    log:
        f"{RESULTS}/logs/time/x{{scale}}.log",
    conda:
        "../../environment.yml"
    shell:
        "hitsr time --config {CONFIG} --scale {wildcards.scale} --output {output} 2>&1 | tee {log}"

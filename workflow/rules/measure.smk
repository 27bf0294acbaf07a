# Complexity and latency depend on the networks alone: no training has to be done first.
rule count:
    output:
        f"{RESULTS}/complexity/{{method}}/x{{scale}}.json",
    log:
        f"{RESULTS}/logs/count/{{method}}-x{{scale}}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        config=CONFIG,
        digests=digests_of_complexity,
    shell:
        "hitsr count --config {params.config} --method {wildcards.method} --scale {wildcards.scale} --output {output}"
        " 2>&1 | tee {log}"


rule time:
    output:
        f"{RESULTS}/latency/x{{scale}}.json",
    log:
        f"{RESULTS}/logs/time/x{{scale}}.log",
    conda:
        "../../environment.yml"
    threads: alone(RUN["latency"]["threads"])
    resources:
        gpu=gpus(RUN["latency"]),
        mem_mb=24000,
        runtime=240,
    params:
        config=CONFIG,
        digests=digests_of_latency,
    shell:
        "hitsr time --config {params.config} --scale {wildcards.scale} --output {output} 2>&1 | tee {log}"


rule time_growth:
    output:
        f"{RESULTS}/growth/x{{scale}}.json",
    log:
        f"{RESULTS}/logs/growth/x{{scale}}.log",
    conda:
        "../../environment.yml"
    threads: alone(RUN["latency"]["threads"])
    resources:
        gpu=gpus(RUN["latency"]),
        mem_mb=24000,
        runtime=240,
    params:
        config=CONFIG,
        digests=digests_of_growth,
    shell:
        "hitsr time --growth --config {params.config} --scale {wildcards.scale} --output {output} 2>&1 | tee {log}"


rule operators:
    output:
        f"{RESULTS}/operators.json",
    log:
        f"{RESULTS}/logs/operators.log",
    conda:
        "../../environment.yml"
    threads: alone(RUN["operators"]["threads"])
    resources:
        gpu=gpus(RUN["operators"]),
        mem_mb=8000,
        runtime=240,
    params:
        config=CONFIG,
        digests=dependencies.of_operators(RUN),
    shell:
        "hitsr operators --config {params.config} --output {output} 2>&1 | tee {log}"

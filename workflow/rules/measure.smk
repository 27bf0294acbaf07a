# Complexity and latency depend on the networks alone: no training has to be done first, and what is quickly known is
# measured before any is begun.
rule count:
    output:
        LAYOUT.count(**METHOD),
    log:
        LAYOUT.log("count", "{method}-x{scale}"),
    priority: 1
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        digests=digests("count"),
        settings=settings("count"),
    shell:
        "hitsr count --settings {params.settings:q} 2>&1 | tee {log:q}"


rule time:
    output:
        LAYOUT.time("{scale}"),
    log:
        LAYOUT.log("time", "x{scale}"),
    priority: 1
    threads: alone(RUN["latency"]["threads"])
    resources:
        gpu=gpus(RUN["latency"]),
        mem_mb=24000,
        runtime=240,
    params:
        digests=digests("time"),
        settings=settings("time"),
    shell:
        "hitsr time --settings {params.settings:q} 2>&1 | tee {log:q}"


rule time_resolutions:
    output:
        LAYOUT.time_resolutions("{scale}"),
    log:
        LAYOUT.log("time_resolutions", "x{scale}"),
    priority: 1
    threads: alone(RUN["latency"]["threads"])
    resources:
        gpu=gpus(RUN["latency"]),
        mem_mb=24000,
        runtime=240,
    params:
        digests=digests("time_resolutions"),
        settings=settings("time_resolutions"),
    shell:
        "hitsr time --resolutions --settings {params.settings:q} 2>&1 | tee {log:q}"


rule time_attention:
    output:
        LAYOUT.time_attention,
    log:
        LAYOUT.log("time_attention"),
    priority: 1
    threads: alone(RUN["attention_cost"]["threads"])
    resources:
        gpu=gpus(RUN["attention_cost"]),
        mem_mb=8000,
        runtime=240,
    params:
        digests=digests("time_attention"),
        settings=settings("time_attention"),
    shell:
        "hitsr time --attention --settings {params.settings:q} 2>&1 | tee {log:q}"

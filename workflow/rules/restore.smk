# Super-resolve the test sets, then score the images. Bicubic interpolation is scored as printed rows are, too.
rule restore:
    input:
        data=LAYOUT.images("{dataset}", "{scale}"),
        weights=weights,
        ready=ready_images,
    output:
        LAYOUT.restored(**SCORED),
    log:
        LAYOUT.log("restore", "{method}-x{scale}-seed{seed}-{dataset}"),
    threads: threads_of_restoring
    resources:
        gpu=gpus_of_restoring,
        mem_mb=8000,
        runtime=240,
    params:
        digests=digests("restore"),
        settings=settings("restore"),
    shell:
        "hitsr restore --settings {params.settings:q} 2>&1 | tee {log:q}"


rule score:
    input:
        images=rules.restore.output[0],
        data=LAYOUT.images("{dataset}", "{scale}"),
    output:
        LAYOUT.score(**SCORED),
    log:
        LAYOUT.log("score", "{method}-x{scale}-seed{seed}-{dataset}"),
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        digests=digests("score"),
        settings=settings("score"),
    shell:
        "hitsr score --settings {params.settings:q} 2>&1 | tee {log:q}"


rule bicubic:
    input:
        LAYOUT.images("{dataset}", "{scale}"),
    output:
        LAYOUT.bicubic("{scale}", "{dataset}"),
    log:
        LAYOUT.log("bicubic", "{dataset}-x{scale}"),
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        digests=digests("bicubic"),
        settings=settings("bicubic"),
    shell:
        "hitsr bicubic --settings {params.settings:q} 2>&1 | tee {log:q}"

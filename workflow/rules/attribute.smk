# What of the input a trained network uses: local attribution maps and effective receptive field.
rule attribute:
    input:
        data=test_data,
        weights=weights,
    output:
        LAYOUT.attribution(**RESULT),
        LAYOUT.attribute(**RESULT) / "maps.npz",
    log:
        LAYOUT.log("attribute", "{method}-x{scale}-seed{seed}"),
    threads: RUN["attribution"]["threads"]
    resources:
        gpu=gpus(RUN["attribution"]),
        mem_mb=8000,
        runtime=240,
    params:
        digests=digests("attribute"),
        settings=settings("attribute"),
    shell:
        "hitsr attribute --settings {params.settings:q} 2>&1 | tee {log:q}"

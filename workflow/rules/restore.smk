# Super-resolve the test sets, then score the images.
rule restore:
    input:
        data=test_data,
        weights=weights,
    output:
        f"{RESULTS}/restore/{{method}}/x{{scale}}/seed{{seed}}/images.json",
    log:
        f"{RESULTS}/logs/restore/{{method}}-x{{scale}}-seed{{seed}}.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=gpus_of_restoring,
        mem_mb=8000,
        runtime=240,
    params:
        config=CONFIG,
        digests=digests_of_images,
        folder=subpath(output[0], parent=True),
        data=f"{RESULTS}/data",
        weights=lambda wildcards, input: (
            f"--weights {input.weights}" if input.weights else ""
        ),
    shell:
        "hitsr restore --config {params.config} --method {wildcards.method} --scale {wildcards.scale} --seed {wildcards.seed}"
        " --data {params.data} --folder {params.folder} {params.weights} 2>&1 | tee {log}"


rule score:
    input:
        images=rules.restore.output[0],
        data=test_data,
    output:
        f"{RESULTS}/quality/{{method}}/x{{scale}}/seed{{seed}}.json",
    log:
        f"{RESULTS}/logs/score/{{method}}-x{{scale}}-seed{{seed}}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        config=CONFIG,
        digests=dependencies.of_quality(RUN),
        data=f"{RESULTS}/data",
    shell:
        "hitsr score --config {params.config} --images {input.images} --data {params.data} --output {output} 2>&1 | tee {log}"

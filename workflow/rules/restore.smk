# Super-resolve the test sets, then score the images.
rule restore:
    input:
        data=test_data,
        weights=weights,
    output:
        f"{RESULTS}/images/{{method}}/x{{scale}}/seed{{seed}}/images.json",
    params:
        digests=digests_of_images,
        folder=subpath(output[0], parent=True),
        data=f"{RESULTS}/data",
        weights=lambda wildcards, input: f"--weights {input.weights}" if input.weights else "",
    log:
        f"{RESULTS}/logs/restore/{{method}}-x{{scale}}-seed{{seed}}.log",
    conda:
        "../../environment.yml"
    shell:
        "hitsr restore --config {CONFIG} --method {wildcards.method} --scale {wildcards.scale} --seed {wildcards.seed}"
        " --data {params.data} --folder {params.folder} {params.weights} 2>&1 | tee {log}"


rule score:
    input:
        images=rules.restore.output[0],
        data=test_data,
    output:
        f"{RESULTS}/quality/{{method}}/x{{scale}}/seed{{seed}}.json",
    params:
        digests=dependencies.of_quality(RUN),
        data=f"{RESULTS}/data",
    log:
        f"{RESULTS}/logs/score/{{method}}-x{{scale}}-seed{{seed}}.log",
    conda:
        "../../environment.yml"
    shell:
        "hitsr score --config {CONFIG} --images {input.images} --data {params.data} --output {output} 2>&1 | tee {log}"

# What of the input a trained network uses: local attribution maps and effective receptive field.
rule attribute:
    input:
        data=test_data,
        weights=weights,
    output:
        f"{RESULTS}/attribution/{{method}}/x{{scale}}/seed{{seed}}/attribution.json",
        f"{RESULTS}/attribution/{{method}}/x{{scale}}/seed{{seed}}/maps.npz",
    log:
        f"{RESULTS}/logs/attribute/{{method}}-x{{scale}}-seed{{seed}}.log",
    conda:
        "../../environment.yml"
    threads: RUN["attribution"]["threads"]
    resources:
        gpu=gpus(RUN["attribution"]),
        mem_mb=8000,
        runtime=240,
    params:
        config=CONFIG,
        digests=digests_of_attribution,
        folder=subpath(output[0], parent=True),
        data=f"{RESULTS}/data",
    shell:
        "hitsr attribute --config {params.config} --method {wildcards.method} --scale {wildcards.scale} --seed {wildcards.seed}"
        " --data {params.data} --folder {params.folder} --weights {input.weights} 2>&1 | tee {log}"

# From photographs to pairs of high- and low-resolution images.
rule prepare:
    output:
        f"{RESULTS}/data/{{dataset}}/x{{scale}}.json",
    log:
        f"{RESULTS}/logs/prepare/{{dataset}}-x{{scale}}.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=digests_of_dataset,
        folder=subpath(output[0], parent=True),
    shell:
        "hitsr prepare --config {params.config} --dataset {wildcards.dataset} --scale {wildcards.scale}"
        " --folder {params.folder} 2>&1 | tee {log}"

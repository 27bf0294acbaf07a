# From photographs to pairs of high- and low-resolution images.
rule prepare:
    output:
        f"{RESULTS}/data/{{dataset}}/x{{scale}}.json",
    params:
        digests=digests_of_dataset,
        folder=subpath(output[0], parent=True),
    log:
        f"{RESULTS}/logs/prepare/{{dataset}}-x{{scale}}.log",
    conda:
        "../../environment.yml"
    shell:
        "hitsr prepare --config {CONFIG} --dataset {wildcards.dataset} --scale {wildcards.scale}"
        " --folder {params.folder} 2>&1 | tee {log}"

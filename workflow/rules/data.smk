# From photographs to pairs of high- and low-resolution images.
rule prepare:
    output:
        f"{RESULTS}/data/{{dataset}}/x{{scale}}.json",
    log:
        f"{RESULTS}/logs/prepare/{{dataset}}-x{{scale}}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        config=CONFIG,
        digests=digests_of_dataset,
        folder=subpath(output[0], parent=True),
    shell:
        "hitsr prepare --config {params.config} --dataset {wildcards.dataset} --scale {wildcards.scale}"
        " --folder {params.folder} 2>&1 | tee {log}"


# Decoded once for all trainings: HR for every scale, and the low-resolution images of each.
rule pack:
    input:
        list_of_packed,
    output:
        pixels=f"{RESULTS}/data/{{dataset}}/packed/{{part}}.npy",
        index=f"{RESULTS}/data/{{dataset}}/packed/{{part}}.json",
    log:
        f"{RESULTS}/logs/pack/{{dataset}}-{{part}}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        digests=digests_of_packed,
        folder=subpath(input[0], parent=True),
        scale=lambda wildcards, input: Path(input[0]).stem.removeprefix("x"),
    shell:
        "hitsr pack --folder {params.folder} --scale {params.scale} --part {wildcards.part} 2>&1 | tee {log}"

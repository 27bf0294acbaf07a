# On a cluster too, downloads run where Snakemake runs: computing nodes seldom reach the internet.
localrules:
    download,


# Public data sets: adopted from the user's folders, or downloaded into them. Tried again, a download goes on.
rule download:
    output:
        f"{RESULTS}/data/{{dataset}}/source.json",
    log:
        f"{RESULTS}/logs/download/{{dataset}}.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=digests_of_source,
    shell:
        "hitsr download --config {params.config} --dataset {wildcards.dataset} --output {output} 2>&1 | tee {log}"


# From photographs to pairs of high- and low-resolution images.
rule prepare:
    input:
        source_of_dataset,
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


# A network must not be scored on photographs that it was trained on.
rule leaks:
    input:
        all_data,
    output:
        f"{RESULTS}/leaks.json",
    log:
        f"{RESULTS}/logs/leaks.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        config=CONFIG,
        digests=dependencies.of_leaks(RUN),
        data=f"{RESULTS}/data",
    shell:
        "hitsr leaks --config {params.config} --data {params.data} --output {output} 2>&1 | tee {log}"

# On a cluster too, downloads run where Snakemake runs: computing nodes seldom reach the internet.
localrules:
    download,
    fetch,


# Public data sets: adopted from the user's folders, or downloaded into them. Tried again, a download goes on.
rule download:
    output:
        LAYOUT.source("{dataset}"),
    log:
        LAYOUT.log("download", "{dataset}"),
    params:
        digests=digests("download"),
        settings=settings("download"),
    shell:
        "hitsr download --settings {params.settings:q} 2>&1 | tee {log:q}"


# Published weights: adopted from the user's folder, or downloaded into it.
rule fetch:
    output:
        LAYOUT.fetched(**METHOD),
    log:
        LAYOUT.log("fetch", "{method}-x{scale}"),
    params:
        digests=digests("fetch"),
        settings=settings("fetch"),
    shell:
        "hitsr fetch --settings {params.settings:q} 2>&1 | tee {log:q}"


# From photographs to pairs of high- and low-resolution images.
rule prepare:
    input:
        source_of_dataset,
    output:
        LAYOUT.images("{dataset}", "{scale}"),
    log:
        LAYOUT.log("prepare", "{dataset}-x{scale}"),
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        digests=digests("prepare"),
        settings=settings("prepare"),
    shell:
        "hitsr prepare --settings {params.settings:q} 2>&1 | tee {log:q}"


# Decoded once for all trainings: HR for every scale, and the low-resolution images of each.
rule pack:
    input:
        list_of_packed,
    output:
        pixels=LAYOUT.packed("{dataset}", "{part}"),
        index=LAYOUT.packed("{dataset}", "{part}").with_suffix(".json"),
    log:
        LAYOUT.log("pack", "{dataset}-{part}"),
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        digests=digests("pack"),
        settings=settings("pack"),
    shell:
        "hitsr pack --settings {params.settings:q} 2>&1 | tee {log:q}"


# A network must not be scored on photographs that it was trained on.
rule leaks:
    input:
        all_data,
    output:
        LAYOUT.leaks,
    log:
        LAYOUT.log("leaks"),
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        digests=digests("leaks"),
        settings=settings("leaks"),
    shell:
        "hitsr leaks --settings {params.settings:q} 2>&1 | tee {log:q}"

# Everything below is a function of the measurement files, and takes seconds: a cluster's queue would take longer.
localrules:
    collect,
    crops,
    table,
    figure,
    claims,
    page,


rule collect:
    input:
        all_results,
    output:
        f"{RESULTS}/measurements.csv",
        # its checksum, and those of the files that it was collected from
        f"{RESULTS}/measurements.json",
    log:
        f"{RESULTS}/logs/collect.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=dependencies.of_collection(RUN),
    shell:
        "hitsr collect --config {params.config} --output {output[0]} {input} 2>&1 | tee {log}"


rule crops:
    input:
        rules.collect.output[0],
    output:
        f"{REPORTS}/crops.json",
    log:
        f"{RESULTS}/logs/crops.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=dependencies.of_crops(RUN),
    shell:
        "hitsr crops --config {params.config} --measurements {input} --output {output} 2>&1 | tee {log}"


rule table:
    input:
        measurements_for_table,
    output:
        report(
            f"{REPORTS}/tables/{{name}}.md",
            caption="../report/table.rst",
            category="Tables",
            labels=labels_of_table,
        ),
        multiext(f"{REPORTS}/tables/{{name}}", ".tex", ".csv"),
    log:
        f"{RESULTS}/logs/table/{{name}}.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=dependencies.of_table(RUN),
        about=about_table,
        folder=subpath(output[0], parent=True),
    shell:
        "hitsr render table --name {wildcards.name} --config {params.config} --measurements {input} --folder {params.folder}"
        " 2>&1 | tee {log}"


rule figure:
    input:
        measurements=measurements_for_figure,
        crops=crops_of_figure,
    output:
        report(
            f"{REPORTS}/figures/{{name}}.svg",
            caption="../report/figure.rst",
            category="Figures",
            labels=labels_of_figure,
        ),
        multiext(f"{REPORTS}/figures/{{name}}", ".pdf", ".png"),
    log:
        f"{RESULTS}/logs/figure/{{name}}.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=dependencies.of_figure(RUN),
        about=about_figure,
        folder=subpath(output[0], parent=True),
    shell:
        "hitsr render figure --name {wildcards.name} --config {params.config} --measurements {input.measurements}"
        " --folder {params.folder} 2>&1 | tee {log}"


rule claims:
    input:
        rules.collect.output[0],
    output:
        report(
            f"{REPORTS}/claims.md", caption="../report/claims.rst", category="Claims"
        ),
    log:
        f"{RESULTS}/logs/claims.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=dependencies.of_claims(RUN),
        folder=subpath(output[0], parent=True),
    shell:
        "hitsr render claims --config {params.config} --measurements {input} --folder {params.folder} 2>&1 | tee {log}"


rule page:
    input:
        measurements=rules.collect.output[0],
        tables=all_tables,
        figures=all_figures,
        crops=crops_of_page,
        claims=rules.claims.output[0],
    output:
        report(
            f"{REPORTS}/report.html", caption="../report/page.rst", category="Report"
        ),
    log:
        f"{RESULTS}/logs/page.log",
    conda:
        "../../environment.yml"
    params:
        config=CONFIG,
        digests=dependencies.of_page(RUN),
        folder=subpath(output[0], parent=True),
    shell:
        "hitsr render page --config {params.config} --measurements {input.measurements} --folder {params.folder}"
        " 2>&1 | tee {log}"

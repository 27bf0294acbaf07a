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
        LAYOUT.measurements,
        # its checksum, and those of the files that it was collected from
        LAYOUT.measurements.with_suffix(".json"),
    log:
        LAYOUT.log("collect"),
    params:
        digests=digests_of_collection,
        settings=settings("collect"),
    shell:
        "hitsr collect --settings {params.settings:q} 2>&1 | tee {log:q}"


rule crops:
    input:
        rules.collect.output[0],
    output:
        LAYOUT.crops,
    log:
        LAYOUT.log("crops"),
    params:
        digests=digests("crops", LAYOUT.crops),
        settings=settings("crops"),
    shell:
        "hitsr crops --settings {params.settings:q} 2>&1 | tee {log:q}"


rule table:
    input:
        measurements_for_table,
    output:
        report(
            LAYOUT.table("{name}"),
            caption="../report/table.rst",
            category="Tables",
            labels=labels_of_table,
        ),
        LAYOUT.table("{name}", ".tex"),
        LAYOUT.table("{name}", ".csv"),
    log:
        LAYOUT.log("table", "{name}"),
    params:
        digests=digests("table", LAYOUT.table("{name}")),
        settings=settings("table"),
        about=about_table,
    shell:
        "hitsr render table --settings {params.settings:q} 2>&1 | tee {log:q}"


rule figure:
    input:
        measurements=measurements_for_figure,
        crops=crops_of_figure,
    output:
        report(
            LAYOUT.figure("{name}"),
            caption="../report/figure.rst",
            category="Figures",
            labels=labels_of_figure,
        ),
        LAYOUT.figure("{name}", ".pdf"),
        LAYOUT.figure("{name}", ".png"),
        # their checksums
        LAYOUT.figure("{name}", ".json"),
    log:
        LAYOUT.log("figure", "{name}"),
    params:
        digests=digests("figure", LAYOUT.figure("{name}")),
        settings=settings("figure"),
        about=about_figure,
    shell:
        "hitsr render figure --settings {params.settings:q} 2>&1 | tee {log:q}"


rule claims:
    input:
        rules.collect.output[0],
    output:
        report(LAYOUT.claims, caption="../report/claims.rst", category="Claims"),
    log:
        LAYOUT.log("claims"),
    params:
        digests=digests("claims", LAYOUT.claims),
        settings=settings("claims"),
    shell:
        "hitsr render claims --settings {params.settings:q} 2>&1 | tee {log:q}"


rule page:
    input:
        measurements=rules.collect.output[0],
        tables=all_tables,
        figures=all_figures,
        crops=crops_of_page,
        claims=rules.claims.output[0],
    output:
        report(LAYOUT.page, caption="../report/page.rst", category="Report"),
    log:
        LAYOUT.log("page"),
    params:
        digests=digests("page", LAYOUT.page),
        settings=settings("page"),
    shell:
        "hitsr render page --settings {params.settings:q} 2>&1 | tee {log:q}"

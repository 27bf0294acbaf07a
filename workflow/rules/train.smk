# One training per method, scale and seed. state.pt beside the weights lets a killed training go on.
rule train:
    input:
        data=training_data,
        start=start_weights,
    output:
        weights=LAYOUT.weights(**RESULT),
        history=LAYOUT.history(**RESULT),
    log:
        LAYOUT.log("train", "{method}-x{scale}-seed{seed}"),
    threads: threads_of_training
    resources:
        gpu=gpus_of_training,
        mem_mb=memory_of_training,
        runtime=1440,
    params:
        digests=digests("train"),
        settings=settings("train"),
        hitsr=launcher_of_training,
    # a scheduler that stops the job tells all its processes at once: shell and tee wait for the training to save its state
    shell:
        "trap : TERM INT; {params.hitsr} train --settings {params.settings:q}"
        " 2>&1 | (trap '' TERM INT; tee {log:q})"

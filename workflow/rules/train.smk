# One training per method, scale and seed. state.pt beside the weights lets a killed training go on.
rule train:
    input:
        data=training_data,
        start=start_weights,
    output:
        weights=f"{RESULTS}/train/{{method}}/x{{scale}}/seed{{seed}}/weights.safetensors",
        history=f"{RESULTS}/train/{{method}}/x{{scale}}/seed{{seed}}/history.json",
    log:
        f"{RESULTS}/logs/train/{{method}}-x{{scale}}-seed{{seed}}.log",
    conda:
        "../../environment.yml"
    threads: threads_of_training
    resources:
        gpu=gpus_of_training,
        mem_mb=memory_of_training,
        runtime=1440,
    params:
        config=CONFIG,
        digests=digests_of_training,
        folder=subpath(output.weights, parent=True),
        data=f"{RESULTS}/data",
        start=lambda wildcards, input: f"--start {input.start}" if input.start else "",
        hitsr=launcher_of_training,
    # a scheduler that stops the job tells all its processes at once: shell and tee wait for the training to save its state
    shell:
        "trap : TERM INT; {params.hitsr} train --config {params.config} --method {wildcards.method} --scale {wildcards.scale} --seed {wildcards.seed}"
        " --data {params.data} --folder {params.folder} {params.start}"
        " 2>&1 | (trap '' TERM INT; exec tee {log})"

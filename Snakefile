# The whole suite: `snakemake --cores 8 all`. Configuration: docs/configuration.md. Rules: workflow/rules/.
from snakemake.utils import min_version

from hitsr.configuration.first_look import look_at

min_version("9.0")


# A file given with --configfile stands alone: merged into the default, its methods would join the default's.
if not workflow.overwrite_configfiles:
    look_at([f"{workflow.basedir}/config/config.yaml"])

    configfile: f"{workflow.basedir}/config/config.yaml"


include: "workflow/rules/common.smk"


rule all:
    default_target: True
    input:
        LAYOUT.page,
        LAYOUT.claims,


include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/restore.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/attribute.smk"
include: "workflow/rules/report.smk"


# programs of their own: the methods of this run that are a rule
for rules_of_method in dict.fromkeys(
    entry["rules"] for entry in METHODS.values() if entry["rules"]
):

    include: rules_of_method

"""`snakemake --lint`, but for one of its advices: rules have no `conda:` or `container:`.

All rules call `hitsr` of the environment that Snakemake itself runs in, whose exact versions are in requirements.lock
and in the provenance of every result. An environment per rule could not be the one that the workflow was planned with.
"""

import re
import subprocess
import sys

NOT_FOLLOWED = "Specify a conda environment or container for each rule."
LINT = re.compile(r"^    \* (.*?):?$", re.MULTILINE)
CLEAN = "Congratulations, your workflow is in a good condition!"


def main() -> int:
    done = subprocess.run([sys.executable, "-m", "snakemake", "--lint"], capture_output=True, text=True)
    output = done.stdout + done.stderr
    found = LINT.findall(output)
    if (found and set(found) == {NOT_FOLLOWED}) or CLEAN in output:
        print("snakemake --lint: nothing but the advice that is not followed (see workflow/lint.py)")
        return 0
    print(output, file=sys.stderr)
    return 1


sys.exit(main())

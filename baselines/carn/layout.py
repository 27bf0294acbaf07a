"""Names in the official files of CARN (github.com/nmhkahn/CARN-pytorch)."""

RENAMES = [
    (r"^(sub|add)_mean\.", r"\1_mean.shifter."),
    (r"^cascade\.", ""),
    (r"\bfunctions\.(\d+)\.", lambda match: f"b{int(match[1]) + 1}."),
    (r"\bfusions\.(\d+)\.0\.", lambda match: f"c{int(match[1]) + 1}.body.0."),
    (r"^upsample\.up(\d)\.", r"upsample.up\1.body."),
]
SIGNS = {
    "CARN": (r"^b1\.b1\.body\.", r"^upsample\.up2\."),
    "CARN of a single scale": (r"^b1\.b1\.body\.", r"^upsample\.up\."),
    "CARN-M": (r"^b1\.b1\.body\.", r"^upsample\.up", r"^b1\.b1\.body\.4\."),
}

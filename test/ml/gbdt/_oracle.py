"""The real LightGBM, for the tests: `_oracle.py DIR…` does what each DIR/job.json asks.

Columns come as float64 files (column after column), results go back the same way.
A job gives `names`, `categorical`, and `params` and `rounds` to train with; without them DIR/model.txt is loaded.
"""
import json
import sys
from pathlib import Path

import lightgbm
import numpy as np


def do_job(folder: Path) -> None:
    job = json.loads((folder / "job.json").read_text())

    def columns(name: str) -> np.ndarray:
        return np.fromfile(folder / f"{name}.f64").reshape(len(job["names"]), -1).T

    def save(name: str, values) -> None:
        np.asarray(values, dtype=np.float64).T.copy().tofile(folder / f"{name}.f64")

    if "params" in job:
        params = {"verbose": -1, "num_threads": 1, "seed": 1, **job["params"]}
        weights = folder / "weights.f64"
        data = lightgbm.Dataset(
            columns("train"),
            np.fromfile(folder / "labels.f64"),
            weight=np.fromfile(weights) if weights.exists() else None,
            feature_name=job["names"],
            categorical_feature=job["categorical"],
            params=params,
        )
        booster = lightgbm.train(params, data, job["rounds"])
        (folder / "model.txt").write_text(booster.model_to_string())
    else:
        booster = lightgbm.Booster(model_file=str(folder / "model.txt"))

    rows = columns("features")
    save("raw", booster.predict(rows, raw_score=True))
    save("prediction", booster.predict(rows))
    save("contributions", booster.predict(rows, pred_contrib=True))
    save("gain", booster.feature_importance("gain"))
    save("split", booster.feature_importance("split"))


for name in sys.argv[1:]:
    do_job(Path(name))

"""The other trainers, for gbdt_bench.ts: reads a trainer's name a line, fits and predicts, answers in JSON.

`gbdt_bench.py FILE ROWS FEATURES`: FILE holds float64 columns of 2·ROWS rows, then the labels; the first ROWS train.
"""
import json
import sys
from time import perf_counter

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

path, rows, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
columns = np.fromfile(path).reshape(width + 1, 2 * rows)
x, y = np.ascontiguousarray(columns[:-1].T), columns[-1]


def make(name: str):
    if name == "scikit-learn":
        return HistGradientBoostingClassifier(
            max_iter=300,
            max_depth=6,
            max_leaf_nodes=64,
            learning_rate=0.1,
            l2_regularization=1,
            early_stopping=False,
        )
    if name == "XGBoost":
        from xgboost import XGBClassifier

        return XGBClassifier(
            n_estimators=300, max_depth=6, tree_method="hist", learning_rate=0.1, reg_lambda=1, n_jobs=2
        )
    from lightgbm import LGBMClassifier

    return LGBMClassifier(
        n_estimators=300, max_depth=6, num_leaves=64, learning_rate=0.1, reg_lambda=1, n_jobs=2, verbose=-1
    )


for line in sys.stdin:
    model = make(line.strip())
    start = perf_counter()
    model.fit(x[:rows], y[:rows])
    trained = perf_counter()
    scores = model.predict_proba(x[rows:])[:, 1]
    done = perf_counter()
    answer = {"train": trained - start, "predict": done - trained, "auc": roc_auc_score(y[rows:], scores)}
    print(json.dumps(answer), flush=True)

"""What other people's programs say: scikit-learn, kmodes, SciPy and pandas. A question as JSON on standard input, the answer on standard output."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")
# Read first: who asks may not be left hanging with half a question.
asked = json.load(sys.stdin)
try:
    import numpy as np
    import pandas as pd
    from scipy import stats
    from scipy.spatial import distance
    from sklearn import cluster, datasets, ensemble, isotonic, linear_model, metrics, tree, utils
    from kmodes.kprototypes import KPrototypes
except ImportError as missing:
    print(json.dumps(str(missing)))
    sys.exit(0)


def columns(question, name="columns"):
    """Columns as numbers, unknown ones as NaN."""
    return np.array([[np.nan if v is None else v for v in c] for c in question[name]], dtype=np.float64).T


def data_sets(_):
    out = {}
    for name in ["iris", "wine", "breast_cancer", "diabetes"]:
        data = getattr(datasets, f"load_{name}")()
        out[name] = {"columns": data.data.T.tolist(), "target": data.target.tolist(), "names": list(data.feature_names)}
    return out


def k_means(q):
    x = columns(q).astype(np.float32)
    found = cluster.KMeans(q["k"], n_init=10, random_state=0, tol=1e-6).fit(x)
    exact, labels = x.astype(np.float64), q["labels"]
    return {
        "inertia": found.inertia_,
        "silhouette": metrics.silhouette_score(exact, labels),
        "calinski_harabasz": metrics.calinski_harabasz_score(exact, labels),
        "davies_bouldin": metrics.davies_bouldin_score(exact, labels),
        "adjusted_rand": metrics.adjusted_rand_score(labels, found.labels_),
        "labels": found.labels_.tolist(),
    }


def k_prototypes(q):
    numbers, codes = columns(q), np.array(q["codes"]).T
    x = np.hstack([numbers, codes]).astype(object)
    x[:, : numbers.shape[1]] = numbers
    places = list(range(numbers.shape[1], x.shape[1]))
    found = KPrototypes(q["k"], gamma=q["gamma"], init="Cao", n_init=2, random_state=0).fit(x, categorical=places)
    return {"cost": float(found.cost_)}


def decision_tree(q):
    """Where two columns part people alike scikit-learn throws dice, so it is asked with several."""
    is_regression = q["criterion"] == "squared_error"
    kind = tree.DecisionTreeRegressor if is_regression else tree.DecisionTreeClassifier
    options = {"criterion": q["criterion"], "max_depth": q["max_depth"], "min_samples_leaf": q["min_leaf"]}
    if not is_regression:
        options["class_weight"] = q["class_weight"]
    x, y = columns(q).astype(np.float32), np.array(q["target"])
    grown = {}
    for seed in range(100):
        model = kind(random_state=seed, **options).fit(x, y)
        t = model.tree_
        leaves = t.children_left < 0
        splits = sorted([int(f), float(s)] for f, s in zip(t.feature[~leaves], t.threshold[~leaves]))
        if json.dumps(splits) in grown:
            continue
        path = kind(random_state=seed, **options).cost_complexity_pruning_path(x, y)
        grown[json.dumps(splits)] = {
            "splits": splits,
            "impurity": float((t.impurity * t.weighted_n_node_samples)[leaves].sum() / t.weighted_n_node_samples[0]),
            "importance": model.feature_importances_.tolist(),
            "predicted": (model.predict(x) if is_regression else model.predict_proba(x)[:, 1]).tolist(),
            "alphas": path.ccp_alphas.tolist(),
            "impurities": path.impurities.tolist(),
        }
    return list(grown.values())


def best_gains(q):
    """For every node of somebody else's tree: how much the best single split of its people makes less."""
    is_regression = q["criterion"] == "squared_error"
    kind = tree.DecisionTreeRegressor if is_regression else tree.DecisionTreeClassifier
    x, y = columns(q).astype(np.float32), np.array(q["target"])
    weight = utils.class_weight.compute_sample_weight("balanced" if q["class_weight"] else None, y) if not is_regression else np.ones(len(y))
    gains = []
    for rows in q["nodes"]:
        stump = kind(criterion=q["criterion"], max_depth=1, min_samples_leaf=q["min_leaf"]).fit(x[rows], y[rows], sample_weight=weight[rows])
        t = stump.tree_
        bad = t.impurity * t.weighted_n_node_samples
        gains.append(float(bad[0] - bad[1:].sum()))
    return gains


def logistic(q):
    x, y = columns(q), np.array(q["target"])
    model = linear_model.LogisticRegression(C=1 / q["l2"], tol=1e-10, max_iter=10_000, solver="newton-cholesky").fit(x, y)
    p = model.predict_proba(x)[:, 1]
    design = np.hstack([np.ones((len(y), 1)), x])
    ridge = np.diag([0.0] + [q["l2"]] * x.shape[1])
    curvature = design.T @ (design * (p * (1 - p))[:, None]) + ridge
    return {
        "intercept": float(model.intercept_[0]),
        "coefficients": model.coef_[0].tolist(),
        "standard_errors": np.sqrt(np.diag(np.linalg.inv(curvature))).tolist(),
    }


def boosting(q):
    places = [i for i, c in enumerate(q["is_category"]) if c]
    model = ensemble.HistGradientBoostingClassifier(
        max_iter=q["rounds"], learning_rate=q["learning_rate"], max_depth=q["max_depth"], min_samples_leaf=q["min_leaf"],
        l2_regularization=q["l2"], early_stopping=False, categorical_features=places or None, random_state=0,
    )
    model.fit(columns(q, "train"), q["train_target"])
    return {"auc": metrics.roc_auc_score(q["test_target"], model.predict_proba(columns(q, "test"))[:, 1])}


def judging(q):
    p, y = np.array(q["scores"]), np.array(q["target"])
    model = isotonic.IsotonicRegression(out_of_bounds="clip").fit(p, y)
    return {
        "auc": metrics.roc_auc_score(y, p),
        "log_loss": metrics.log_loss(y, p),
        "brier": metrics.brier_score_loss(y, p),
        "isotonic": model.predict(q["ask"]).tolist(),
    }


def tests(q):
    a, b = np.array(q["a"]), np.array(q["b"])
    welch = stats.ttest_ind(a, b, equal_var=False)
    ranks = stats.mannwhitneyu(a, b, method="asymptotic")
    chi = stats.chi2_contingency(np.array(q["table"]), correction=False)
    wilson = [stats.binomtest(k, n).proportion_ci(method="wilson") for k, n in q["shares"]]
    before, now = (np.array(q[k], dtype=float) / np.sum(q[k]) for k in ("before", "now"))
    return {
        "welch": [welch.statistic, welch.df, welch.pvalue],
        "mann_whitney": [ranks.statistic, ranks.pvalue],
        "chi_square": [chi.statistic, chi.dof, chi.pvalue],
        "discoveries": stats.false_discovery_control(q["p"]).tolist(),
        "wilson": [[i.low, i.high] for i in wilson],
        "jensen_shannon": distance.jensenshannon(before, now, base=2) ** 2,
        "stability": float(((now - before) * np.log(now / before)).sum()),
        "normal": [2 * stats.norm.sf(abs(z)) for z in q["z"]],
        "normal_quantiles": stats.norm.ppf(q["quantiles"]).tolist(),
        "student": [2 * stats.t.sf(abs(t), df) for t, df in q["t"]],
        "chi_square_tails": [stats.chi2.sf(x, df) for x, df in q["chi"]],
        "skewness": [stats.skew(a), stats.kurtosis(a)],
    }


EIGHT = {
    (1, 1, 1): "重要价值", (1, 0, 1): "重要发展", (0, 1, 1): "重要保持", (0, 0, 1): "重要挽留",
    (1, 1, 0): "一般价值", (1, 0, 0): "一般发展", (0, 1, 0): "一般保持", (0, 0, 0): "一般挽留",
}


def rfm(q):
    sales = pd.read_csv(q["file"], usecols=["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"], dtype={"InvoiceNo": str})
    sales = sales[sales.CustomerID.notna() & ~sales.InvoiceNo.str.startswith("C") & (sales.Quantity > 0) & (sales.UnitPrice > 0)]
    sales = sales.assign(day=pd.to_datetime(sales.InvoiceDate).dt.normalize(), amount=sales.Quantity * sales.UnitPrice)
    people = sales.groupby("CustomerID").agg(last=("day", "max"), frequency=("InvoiceNo", "nunique"), monetary=("amount", "sum"))
    people["recency"] = (people["last"].max() - people["last"]).dt.days
    tiles = np.arange(1, 5) / 5
    score = lambda c: 1 + (people[c].to_numpy()[:, None] > people[c].quantile(tiles).to_numpy()[None, :]).sum(axis=1)
    people["r"], people["f"], people["m"] = 6 - score("recency"), score("frequency"), score("monetary")
    mean = people[["recency", "frequency", "monetary"]].mean()
    kinds = zip(people.recency < mean.recency, people.frequency > mean.frequency, people.monetary > mean.monetary)
    people["eight"] = [EIGHT[tuple(int(v) for v in kind)] for kind in kinds]
    falling = people.sort_values("monetary", ascending=False)
    before = falling.monetary.cumsum().shift(fill_value=0) / falling.monetary.sum()
    people["abc"] = np.select([before < 0.8, before < 0.95], ["A", "B"], "C")[falling.index.get_indexer(people.index)]
    gaps = sales.drop_duplicates(["CustomerID", "day"]).sort_values("day").groupby("CustomerID").day.diff().dt.days.dropna()
    wanted = ["recency", "frequency", "monetary", "r", "f", "m", "eight", "abc"]
    return {"people": {str(int(i)): row for i, row in zip(people.index, people[wanted].values.tolist())}, "typical_cycle": gaps.median()}


def answer(question):
    return globals()[question["task"]](question)


print(json.dumps([answer(q) for q in asked["questions"]]))

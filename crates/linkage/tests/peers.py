"""The labelled sets as PyPI's splink and recordlinkage decide them, without labels. One JSON line per set and peer.

    python peers.py FOLDER SET...

Splink has its tutorial's configuration for fake_1000 and its FEBRL example's for FEBRL, and beside it a richer one; recordlinkage compares with
Jaro-Winkler, within wide blocks and within narrow ones. Labels are used for counting alone, after every decision is made.
"""

import contextlib
import io
import itertools
import json
import logging
import sys
import time
import warnings

import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

# Bayes' rule: rather a match than not. Ours is held to the same one.
THRESHOLD = 0.5


def read(folder, name):
    """The records, and the entity of each."""
    if name.startswith("febrl"):
        frame = pd.read_csv(f"{folder}/febrl_dataset{name[-1]}.csv.gz", dtype=str, skipinitialspace=True)
        frame.columns = [column.strip() for column in frame.columns]
        frame = frame.apply(lambda column: column.str.strip()).replace("", None)
        entity = frame["rec_id"].str.extract(r"rec-(\d+)-")[0]
    elif name == "fake_1000":
        frame = pd.read_csv(f"{folder}/splink_fake_1000.csv.gz", dtype=str)
        entity = frame["cluster"]
    else:
        frame = pd.read_csv(f"{folder}/RLdata10000.csv.gz", dtype=str)
        frame["birthday"] = frame["by"] + frame["bm"].str.zfill(2) + frame["bd"].str.zfill(2)
        entity = pd.read_csv(f"{folder}/identity.RLdata10000.csv.gz", dtype=str).iloc[:, 0]
    frame = frame.astype(object).where(frame.notna(), None)
    frame["record"] = range(len(frame))
    return frame, entity.tolist()


def true_pairs(entity):
    members = {}
    for record, who in enumerate(entity):
        members.setdefault(who, []).append(record)
    return {pair for group in members.values() for pair in itertools.combinations(group, 2)}


def closure(pairs):
    """All pairs within the connected components."""
    parent = {}

    def find(a):
        while parent.setdefault(a, a) != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    for a, b in pairs:
        parent[find(a)] = find(b)
    members = {}
    for a in sorted(parent):
        members.setdefault(find(a), []).append(a)
    return {pair for group in members.values() for pair in itertools.combinations(group, 2)}


def quality(found, true):
    right = len(found & true)
    precision, recall = right / max(len(found), 1), right / max(len(true), 1)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-12)}


def configurations(name):
    """As documented, and one that may do all that ours does: exchanged names, all columns, block by the city, dates by their parts."""
    import splink.comparison_library as cl
    import splink.comparison_level_library as cll

    def names(given, surname):
        return cl.ForenameSurnameComparison(given, surname)

    def email(column):
        levels = [cll.NullLevel(column), cll.ExactMatchLevel(column), cll.DamerauLevenshteinLevel(column, 2), cll.JaroWinklerLevel(column, 0.9), cll.ElseLevel()]
        return cl.CustomComparison(output_column_name=column, comparison_levels=levels)

    frequent = {"term_frequency_adjustments": True}
    if name.startswith("febrl"):
        rest = [
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=False),
            cl.ExactMatch("street_number").configure(**frequent),
        ]
        certain = [
            "l.soc_sec_id = r.soc_sec_id",
            "l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth",
            "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
        ]
        blocks = ["soc_sec_id", "given_name", "surname", "date_of_birth", "postcode", "address_1", "suburb"]
        documented = [cl.NameComparison("given_name"), cl.NameComparison("surname"), cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2])]
        documented += [cl.ExactMatch("postcode").configure(**frequent)]
        more = [names("given_name", "surname"), cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]), cl.DamerauLevenshteinAtThresholds("postcode", [1, 2])]
        more += [cl.JaroWinklerAtThresholds(column, [0.9, 0.8]) for column in ("address_1", "address_2", "suburb")] + [cl.ExactMatch("state")]
        shared = {"certain": certain, "recall": 0.9, "training": [["date_of_birth"], ["postcode"]]}
        return [
            {"label": "splink", "comparisons": documented + rest, "blocks": blocks[:5], **shared},
            {"label": "splink, more", "comparisons": more + rest, "blocks": blocks + ["address_2"], **shared},
        ]
    if name == "fake_1000":
        certain = [
            "l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
            "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            "l.email = r.email",
        ]
        city = cl.ExactMatch("city").configure(**frequent)
        documented = [cl.NameComparison("first_name"), cl.NameComparison("surname"), cl.LevenshteinAtThresholds("dob", 1), city, cl.EmailComparison("email")]
        more = [names("first_name", "surname"), cl.DamerauLevenshteinAtThresholds("dob", [1, 2]), cl.JaroWinklerAtThresholds("city", [0.9]), email("email")]
        shared = {"certain": certain, "recall": 0.7}
        return [
            {"label": "splink", "comparisons": documented, "blocks": ["first_name", "surname", "dob", "email"], "training": [["first_name", "surname"], ["dob"]], **shared},
            {"label": "splink, more", "comparisons": more, "blocks": ["first_name", "surname", "dob", "email", "city"], "training": [["email"], ["dob"]], **shared},
        ]
    certain = [
        "l.fname_c1 = r.fname_c1 and l.lname_c1 = r.lname_c1 and l.birthday = r.birthday",
        "l.lname_c1 = r.lname_c1 and l.birthday = r.birthday",
        "l.fname_c1 = r.fname_c1 and l.birthday = r.birthday",
    ]
    both = [cl.NameComparison(column).configure(**frequent) for column in ("fname_c1", "lname_c1")]
    parts = both + [cl.LevenshteinAtThresholds("by", 1), cl.ExactMatch("bm"), cl.ExactMatch("bd")]
    two_equal = "(CAST(by_l = by_r AS INT) + CAST(bm_l = bm_r AS INT) + CAST(bd_l = bd_r AS INT)) = 2"
    whole = [
        cll.NullLevel("birthday"),
        cll.ExactMatchLevel("birthday"),
        cll.DamerauLevenshteinLevel("birthday", 1),
        cll.CustomLevel(two_equal, "two parts"),
        cll.DamerauLevenshteinLevel("birthday", 2),
        cll.ElseLevel(),
    ]
    more = both + [cl.CustomComparison(output_column_name="birthday", comparison_levels=whole), cl.ExactMatch("fname_c2"), cl.ExactMatch("lname_c2")]
    shared = {"certain": certain, "recall": 0.6, "training": [["fname_c1", "lname_c1"], ["birthday"]], "blocks": ["fname_c1", "lname_c1", "birthday"]}
    return [{"label": "splink", "comparisons": parts, **shared}, {"label": "splink, more", "comparisons": more, **shared}]


def splink(frame, name):
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    answers = {}
    for configuration in configurations(name):
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record",
            comparisons=configuration["comparisons"],
            blocking_rules_to_generate_predictions=[block_on(column) for column in configuration["blocks"]],
            additional_columns_to_retain=["by", "bm", "bd"] if "by" in frame else [],
        )
        linker = Linker(DuckDBAPI().register(frame), settings)
        linker.training.estimate_probability_two_random_records_match(configuration["certain"], recall=configuration["recall"])
        linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
        for columns in configuration["training"]:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
        scored = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
        pairs = zip(scored["record_l"], scored["record_r"], scored["match_probability"])
        answers[configuration["label"]] = {(min(a, b), max(a, b)): p for a, b, p in pairs}
    return answers


def candidates(frame, blocks):
    pairs = set()
    for columns in blocks:
        for _, group in frame[frame[columns].notna().all(axis=1)].groupby(columns)["record"]:
            pairs.update(itertools.combinations(sorted(group), 2))
    return sorted(pairs)


def recordlinkage(frame, name):
    """Narrow blocks: where most pairs are strangers, two classes found without labels are not copies and strangers."""
    import recordlinkage as rl

    if name.startswith("febrl"):
        wide = [["soc_sec_id"], ["given_name"], ["surname"], ["date_of_birth"], ["postcode"], ["address_1"], ["suburb"]]
        narrow = [["soc_sec_id"], ["date_of_birth"], ["given_name", "surname"], ["surname", "postcode"], ["given_name", "postcode"], ["address_1"]]
        texts, exact = ["given_name", "surname", "address_1", "suburb", "date_of_birth", "soc_sec_id", "postcode"], ["street_number", "state"]
    elif name == "fake_1000":
        wide = [["first_name"], ["surname"], ["dob"], ["email"]]
        narrow = [["first_name", "surname"], ["dob"], ["email"], ["first_name", "city"], ["surname", "city"]]
        texts, exact = ["first_name", "surname", "dob", "city", "email"], []
    else:
        wide = [["fname_c1"], ["lname_c1"], ["birthday"]]
        narrow = [["fname_c1", "lname_c1"], ["birthday"], ["fname_c1", "by", "bm"], ["lname_c1", "by", "bm"], ["fname_c1", "bm", "bd"], ["lname_c1", "bm", "bd"]]
        texts, exact = ["fname_c1", "lname_c1"], ["by", "bm", "bd"]
    compare = rl.Compare()
    for column in texts:
        compare.string(column, column, method="jarowinkler", label=column)
    for column in exact:
        compare.exact(column, column, label=column)
    frame = frame.set_index("record", drop=False)
    frame.index.name = None
    answers = {}
    for width, blocks in (("wide", wide), ("narrow", narrow)):
        links = pd.MultiIndex.from_tuples(candidates(frame, blocks), names=["a", "b"])
        features = compare.compute(links, frame).fillna(0.0)
        for label, classifier in (("ecm", rl.ECMClassifier(init="jaro", binarize=0.85)), ("k-means", rl.KMeansClassifier())):
            answers[f"recordlinkage {label}, {width}"] = dict.fromkeys(map(tuple, classifier.fit_predict(features)), 1.0)
    return answers


def main(folder, names):
    for name in names:
        frame, entity = read(folder, name)
        true = true_pairs(entity)
        for peer in (splink, recordlinkage):
            started = time.monotonic()
            with contextlib.redirect_stdout(io.StringIO()):
                answers = peer(frame, name)
            seconds = time.monotonic() - started
            for label, scored in answers.items():
                found = {pair for pair, p in scored.items() if p >= THRESHOLD}
                line = {"set": name, "peer": label, "pairs": len(found), "seconds": round(seconds, 2)}
                line |= quality(found, true)
                line["clusters"] = quality(closure(found), true)
                if label.startswith("splink"):
                    line["at"] = {str(t): quality({pair for pair, p in scored.items() if p >= t}, true)["f1"] for t in (0.1, 0.5, 0.8, 0.9, 0.95, 0.99)}
                print(json.dumps(line), flush=True)


main(sys.argv[1], sys.argv[2:])

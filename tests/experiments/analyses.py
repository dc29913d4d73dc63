"""Made-up records of analyses."""

from sparsebench.experiments.analysis_cells import CorrelationCell, PredictionCell
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest


def correlation(cell=None, r=0.5):
    (case,) = (cell or CorrelationCell("gru")).cases([])
    rows = {"pearson": r, "pearson_low": r - 0.05, "pearson_high": r + 0.05, "p_adjusted": 1e-9}
    rows |= {"spearman": 0.25, "within": 0.125, "watts_strogatz": 0.1, "barabasi_albert": 0.2}
    tables = {title: dict.fromkeys(PROPERTIES, figure) for title, figure in rows.items()}
    tables["partial"] = {name: -0.125 for name in PROPERTIES if name != "nodes"}
    return Record(
        digest=digest(case),
        case=canonical(case),
        experiment="correlation",
        metrics={"networks": 200},
        tables=tables,
    )


def predictions(cell=None, r2=0.5):
    found = []
    for case in (cell or PredictionCell("gru", 100)).cases([]):
        tables = {}
        if case.regressor == "random_forest":
            names = ("impurity", "impurity_low", "impurity_high", "permutation")
            tables = {name: dict.fromkeys(PROPERTIES, 0.04) for name in names}
        found.append(
            Record(
                digest=digest(case),
                case=canonical(case),
                experiment="prediction",
                metrics={
                    "networks": 200,
                    "r2": r2,
                    "r2_median": r2,
                    "r2_low": r2 - 0.1,
                    "r2_high": r2 + 0.1,
                },
                history={"r2": [r2] * case.splits},
                tables=tables,
            )
        )
    return found

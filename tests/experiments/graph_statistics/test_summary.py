from io import StringIO

from rich.console import Console

from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.graph_statistics.summary import analysis_tables
from tests.experiments.graph_statistics.analyses import every_correlation, every_prediction


def shown(records):
    text = StringIO()
    console = Console(file=text, width=140)
    for table in analysis_tables(records):
        console.print(table)
    return text.getvalue()


def test_correlations_of_all_variants_share_a_table():
    text = shown([every_correlation(), every_correlation(CorrelationItem("lstm"), r=-0.25)])
    assert text.count("Pearson's r between accuracy and property") == 1
    assert "200 wired networks of each variant, published" in text
    (nodes,) = [line.split() for line in text.splitlines() if line.split()[:1] == ["nodes"]]
    assert nodes == ["nodes", "-0.25", "+0.44", "+0.50", "+0.49"]


def test_semantics_have_tables_of_their_own():
    text = shown([every_correlation(), every_correlation(CorrelationItem("gru", 40, "corrected"))])
    assert "200 wired networks of each variant, published" in text
    assert "80 wired networks of each variant, corrected" in text


def test_predictions_stand_beside_the_thesis_s_single_split():
    text = shown(every_prediction(PredictionItem("gru", 20), r2=0.25))
    (row,) = [
        line.split() for line in text.splitlines() if "random_forest all" in " ".join(line.split())
    ]
    assert row == ["gru", "random_forest", "all", "0.25", "0.15", "0.35", "0.88"]


def test_a_run_without_analyses_has_no_such_table():
    assert shown([]) == ""

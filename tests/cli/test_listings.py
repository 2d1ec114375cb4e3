"""Every listing without rows: a header for CSV, an array for JSON, a word for people."""

import json

import pytest

from tracker_db.services import products
from tracker_db.services.products import ProductDraft

#: The command, and what its header begins with.
EMPTY = {
    "products list": "id,name,url,price,currency",
    "alerts list": "id,product_id,product,kind",
    "runs": "created_at,product_id,product,status",
    "export": "url,name",
    "prices kettle": "scraped_at,price,currency,list_price",
    "pricing list nothing": "provider,model,project_id,effective_date",
    "pricing unpriced": "provider,model,calls",
    "budgets list": "id,amount_usd,period",
    "costs --by feature,model": "feature,model,total_cost_usd,calls",
    "costs verify": "project_id,feature,model,period",
    "costs reconcile": "day,provider,model,calls",
    "costs analyze": "kind,project_id,provider,model",
}


@pytest.fixture(autouse=True)
def _a_product_where_one_is_named(database, request):
    if "kettle" in request.node.name:
        products.add(ProductDraft(url="https://shop.example/kettle", name="Kettle"))


@pytest.mark.parametrize(("command", "header"), EMPTY.items())
def test_a_csv_without_rows_has_its_header(run_tracker, command, header):
    (line,) = run_tracker(*command.split(), "--csv").stdout.splitlines()
    assert line.startswith(header)


@pytest.mark.parametrize("command", sorted(EMPTY.keys() - {"costs analyze"}))
def test_a_json_listing_without_rows_is_an_empty_array(run_tracker, command):
    assert json.loads(run_tracker(*command.split(), "--json").stdout) == []
